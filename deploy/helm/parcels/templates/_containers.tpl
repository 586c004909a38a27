{{/* What all pods have in common: no rights in the cluster, none on the node. */}}
{{- define "parcels.podSecurity" -}}
# Headlock asks nothing of the Kubernetes API
automountServiceAccountToken: false
# A Service called "server" would set SERVER_PORT, and one called "headlock" HEADLOCK_PORT.
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .Values.runAsUser }}
  runAsGroup: {{ .Values.runAsUser }}
  seccompProfile:
    type: RuntimeDefault
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  # Tomcat and the JVM write there, and nowhere else
  - name: tmp
    emptyDir:
      sizeLimit: 256Mi
{{- end }}

{{/* What all containers have in common, from a dict of "root", "role" and "resources". */}}
{{- define "parcels.container" -}}
image: {{ include "parcels.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
# HOSTNAME, which is the pod's name, needs no entry: Headlock names its sessions after it.
env:
  {{- include "parcels.environment" . | nindent 2 }}
{{- with .root.Values.envFrom }}
envFrom:
  {{- toYaml . | nindent 2 }}
{{- end }}
resources:
  {{- toYaml .resources | nindent 2 }}
volumeMounts:
  - name: tmp
    mountPath: /tmp
{{- end }}
