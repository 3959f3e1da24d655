{{- /* Every name is fixed: one Lease and one Service are what the program and its commands look for. */ -}}

{{- define "gate-watcher.labels" -}}
app.kubernetes.io/name: gate-watcher
app.kubernetes.io/part-of: gate-watcher
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* Where Argo CD runs, with its cluster Secrets. */ -}}
{{- define "gate-watcher.namespace" -}}
{{- .Values.policy.namespace | default .Release.Namespace -}}
{{- end }}

{{- /* As JSON, the namespaces of Applications. */ -}}
{{- define "gate-watcher.applicationNamespaces" -}}
{{- .Values.policy.applicationNamespaces | default (list (include "gate-watcher.namespace" .)) | toJson -}}
{{- end }}

{{- define "gate-watcher.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ .Values.serviceAccount.name }}
    namespace: {{ .Release.Namespace }}
{{- end }}
