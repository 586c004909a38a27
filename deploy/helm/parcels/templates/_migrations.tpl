{{/* Who migrates: the only reader of migrations.runIn. */}}
{{- define "parcels.runIn" -}}
{{- $runIn := .Values.migrations.runIn }}
{{- if not (has $runIn (list "pods" "job" "initContainer")) }}
{{- fail (printf "migrations.runIn is %q; it must be \"pods\", \"job\" or \"initContainer\"." (toString $runIn)) }}
{{- end }}
{{- $runIn }}
{{- end }}

{{/*
The deadlines, in seconds, each computed from those inside it.

start        given: a container comes up, without migrations
longest      given: the migrations of one release
lock         headlock.lock.timeout: a replica waits out another one's migrations, and more
attempt      a migrating process at its worst: it starts, gets the lock at the last moment, and
             then has to migrate after all
job          the Job: an attempt and, if its node is lost at the end, a second one. Nobody else
             migrates then, so that one need not wait for the lock.
wait         headlock.schema-wait-timeout of pods that skip: they outlast the Job
startup      window of the startup probe: it outlasts what happens before the web server opens
             its port. An init container has ended before the probe begins.
progress     progressDeadlineSeconds: while pods only wait, the rollout is not called failed
migratorEnd  terminationGracePeriodSeconds of whoever migrates: when told to end, Headlock cancels
             the migration, which takes it 25 s at most. Being killed is safe, too, but the server
             may then hold the lock until it notices.
podEnd       terminationGracePeriodSeconds of the pods: the requests in progress, too
*/}}
{{- define "parcels.deadlines" -}}
{{- $runIn := include "parcels.runIn" . }}
{{- $preStop := 5 }}
{{- $start := int .Values.application.startSeconds }}
{{- $shutdown := int .Values.application.shutdownSeconds }}
{{- $longest := int .Values.migrations.longestSeconds }}
{{- range $name, $value := dict "application.startSeconds" $start "application.shutdownSeconds" $shutdown "migrations.longestSeconds" $longest }}
{{- if lt $value 1 }}
{{- fail (printf "%s must be a positive number of seconds." $name) }}
{{- end }}
{{- end }}
{{- $lock := int (.Values.migrations.lockTimeoutSeconds | default (add $longest 300)) }}
{{- if le $lock $longest }}
{{- fail (printf "migrations.lockTimeoutSeconds (%d) must be more than migrations.longestSeconds (%d): a replica that waits for another one's migrations would give up before they are done." $lock $longest) }}
{{- end }}
{{- $attempt := add $start $lock $longest }}
{{- $job := int (.Values.migrations.job.activeDeadlineSeconds | default (add $attempt $start $longest)) }}
{{- if lt $job (int $attempt) }}
{{- fail (printf "migrations.job.activeDeadlineSeconds (%d) must be at least %d, the sum of application.startSeconds (%d), the lock timeout (%d) and migrations.longestSeconds (%d): the Job would be ended in the middle of a migration." $job $attempt $start $lock $longest) }}
{{- end }}
{{- $wait := add $job 60 }}
{{- $startup := $start }}
{{- if eq $runIn "pods" }}
{{- $startup = $attempt }}
{{- else if eq $runIn "job" }}
{{- $startup = add $start $wait }}
{{- end }}
{{- $progress := add $startup 60 }}
{{- if eq $runIn "initContainer" }}
{{- $progress = add $attempt $startup 60 }}
{{- end }}
{{- $migratorEnd := 30 }}
{{- $podEnd := add $preStop (max $shutdown $migratorEnd) }}
preStop: {{ $preStop }}
start: {{ $start }}
longest: {{ $longest }}
lock: {{ $lock }}
attempt: {{ $attempt }}
job: {{ $job }}
wait: {{ $wait }}
startup: {{ $startup }}
progress: {{ $progress }}
migratorEnd: {{ $migratorEnd }}
podEnd: {{ $podEnd }}
{{- end }}
