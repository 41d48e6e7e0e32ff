{{- define "portolan.name" -}}
{{- if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 53 | trimSuffix "-" }}{{- end -}}
{{- end -}}

{{- define "portolan.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "portolan.labels" -}}
{{ include "portolan.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "portolan.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}
{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* MiB that the API and its solvers may take between them. */ -}}
{{- define "portolan.memoryMb" -}}
{{- add (int .Values.api.memoryMb) (mul (int .Values.solver.processes) (int .Values.solver.memoryMb)) -}}
{{- end -}}

{{- /* What a TOML file says of one setting. */ -}}
{{- define "portolan.toml" -}}
{{- if kindIs "string" . -}}{{ . | quote }}
{{- else if kindIs "float64" . -}}{{ int64 . }}
{{- else -}}{{ . }}{{- end -}}
{{- end -}}

{{- /* The settings: what the chart sets, and over it what the values say. */ -}}
{{- define "portolan.settings" -}}
{{- $server := dict
      "listen" (printf "0.0.0.0:%d" 50051)
      "routing_delay_ms" (mul 1000 (int .Values.shutdown.routingDelaySeconds))
      "drain_grace_ms" (mul 1000 (int .Values.shutdown.drainGraceSeconds)) -}}
{{- $tls := dict -}}
{{- if .Values.tls.secretName -}}
{{- $_ := set $tls "certificate_file" "/etc/portolan/tls/tls.crt" -}}
{{- $_ := set $tls "key_file" "/etc/portolan/tls/tls.key" -}}
{{- with .Values.tls.clientCaKey -}}{{- $_ := set $tls "client_ca_file" (printf "/etc/portolan/tls/%s" .) -}}{{- end -}}
{{- else -}}
{{- $_ := set $server "plain_text" "anywhere" -}}
{{- end -}}
{{- $solver := dict
      "processes" (int .Values.solver.processes)
      "memory_mb" (int .Values.solver.memoryMb)
      "max_queued" (int .Values.solver.maxQueued) -}}
{{- $telemetry := dict "log_format" "json" -}}
{{- with .Values.telemetry.otlpEndpoint -}}{{- $_ := set $telemetry "otlp_endpoint" . -}}{{- end -}}
{{- $settings := dict
      "server" $server
      "operations" (dict "listen" (printf "0.0.0.0:%d" (int .Values.operations.port)))
      "solver" $solver
      "telemetry" $telemetry -}}
{{- if $tls -}}{{- $_ := set $settings "tls" $tls -}}{{- end -}}
{{- if .Values.schedules -}}{{- $_ := set $settings "schedules" (dict "folder" "/etc/portolan/schedules") -}}{{- end -}}
{{- $settings := mergeOverwrite $settings (deepCopy .Values.settings) -}}
{{- range $section, $keys := $settings }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{ $key }} = {{ include "portolan.toml" $value }}
{{- end }}
{{ end -}}
{{- end -}}

{{- /* What would start and not work is refused here. */ -}}
{{- define "portolan.refuse" -}}
{{- if and .Values.plainText .Values.tls.secretName -}}
{{- fail "tls.secretName is set: plainText must be false" -}}
{{- end -}}
{{- if not (or .Values.plainText .Values.tls.secretName) -}}
{{- fail "say how calls are protected: tls.secretName, or plainText: true" -}}
{{- end -}}
{{- if and .Values.tls.clientCaKey (not .Values.tls.secretName) -}}
{{- fail "tls.clientCaKey needs tls.secretName" -}}
{{- end -}}
{{- $least := int (include "portolan.memoryMb" .) -}}
{{- with .Values.resources.memoryLimitMb -}}
{{- if lt (int .) $least -}}
{{- fail (printf "resources.memoryLimitMb is %d; api.memoryMb and the solvers take up to %d" (int .) $least) -}}
{{- end -}}
{{- end -}}
{{- end -}}
