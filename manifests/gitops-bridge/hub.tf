# The hub of a GitOps Bridge. What matters here are ignore_labels and ignore_annotations: without both,
# the next apply takes the gates away, and Argo CD deletes what is behind them. They belong to every
# provider that writes cluster Secrets, the spokes' too where they register themselves.
provider "kubernetes" {
  host                   = var.hub_endpoint
  cluster_ca_certificate = base64decode(var.hub_certificate_authority)
  token                  = var.hub_token

  ignore_labels = [
    "^gate-watcher\\.io/",
  ]
  ignore_annotations = [
    "^gate-watcher\\.io/",
    "^argocd\\.argoproj\\.io/skip-reconcile$",
  ]
}

module "gitops_bridge_bootstrap" {
  source = "gitops-bridge-dev/gitops-bridge/helm"

  cluster = {
    cluster_name = var.hub_name
    environment  = "control-plane"
    metadata = {
      addons_repo_url      = var.addons_repo_url
      addons_repo_basepath = var.addons_repo_basepath
      addons_repo_revision = var.addons_repo_revision
    }
    addons = {
      enable_gate_watcher = "true"
    }
  }
}
