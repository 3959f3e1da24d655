"""What do the application controllers say of their memory? Text in, readings out."""

from watcher.scrape.scraping import Scraper

__all__ = ["Scraper"]
