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
finish       given: headlock.background.finish-timeout of the Job, 0 if it finishes none
job          the Job: an attempt and, if its node is lost at the end, a second one. Nobody else
             migrates then, so that one need not wait for the lock. Each may finish background
             migrations.
migrated     the Job's migrations, without what comes after
wait         headlock.schema-wait-timeout of pods that skip: they outlast the Job's migrations, and
             do not wait for the background migrations
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
{{- $finish := int (.Values.migrations.job.finishBackgroundSeconds | default 0) }}
{{- if and $finish (ne $runIn "job") }}
{{- fail (printf "migrations.job.finishBackgroundSeconds (%d) needs migrations.runIn \"job\", and it is %q: %s." $finish $runIn (ternary "pods that migrate work on background migrations while they serve" "an init container that finishes background migrations would keep its pod from serving for as long; let the pods work on them, with HEADLOCK_BACKGROUND_RUN=always in env" (eq $runIn "pods"))) }}
{{- end }}
{{- $given := int (.Values.migrations.job.activeDeadlineSeconds | default 0) }}
{{- $least := int (add $attempt $finish) }}
{{- if and $given (lt $given $least) }}
{{- fail (printf "migrations.job.activeDeadlineSeconds (%d) must be at least %d, the sum of application.startSeconds (%d), the lock timeout (%d) and migrations.longestSeconds (%d)%s: the Job would be ended in the middle of a migration." $given $least $start $lock $longest (ternary (printf ", and of migrations.job.finishBackgroundSeconds (%d)" $finish) "" (gt $finish 0))) }}
{{- end }}
{{- $migrated := add $attempt $start $longest }}
{{- $job := add $migrated $finish $finish }}
{{- if $given }}
{{- $migrated = sub $given $finish }}
{{- $job = $given }}
{{- end }}
{{- $wait := add $migrated 60 }}
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
finish: {{ $finish }}
job: {{ $job }}
wait: {{ $wait }}
startup: {{ $startup }}
progress: {{ $progress }}
migratorEnd: {{ $migratorEnd }}
podEnd: {{ $podEnd }}
{{- end }}
