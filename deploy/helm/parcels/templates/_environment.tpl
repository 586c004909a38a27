{{/*
One property of Spring Boot as environment variable, from a dict of "name" and "value".

The name is the one that Boot documents and looks for first, without the dashes of the property:
HEADLOCK_SKIPMIGRATIONS for headlock.skip-migrations. So no spelling that comes from envFrom
counts: Kubernetes prefers env to envFrom, and Boot this one to all others.
*/}}
{{- define "parcels.property" -}}
- name: {{ .name | upper | replace "." "_" | replace "-" "" }}
  value: {{ .value | toString | quote }}
{{- end }}

{{/* What the chart decides itself, and the value that decides it. */}}
{{- define "parcels.decided" -}}
headlock.enabled: migrations.runIn
headlock.skip-migrations: migrations.runIn
headlock.exit-after-migration: migrations.runIn
headlock.on-schema-behind: migrations.runIn
headlock.schema-wait-timeout: migrations.longestSeconds
headlock.lock.timeout: migrations.lockTimeoutSeconds
headlock.background.finish: migrations.job.finishBackgroundSeconds
headlock.background.finish-timeout: migrations.job.finishBackgroundSeconds
spring.flyway.enabled: migrations.runIn
spring.flyway.url: database.migrator.url
spring.flyway.user: database.migrator.secret
spring.flyway.password: database.migrator.secret
spring.datasource.url: database.application.url
spring.datasource.username: database.application.secret
spring.datasource.password: database.application.secret
spring.lifecycle.timeout-per-shutdown-phase: application.shutdownSeconds
server.port: the ports of its containers
management.server.port: the ports of its containers
{{- end }}

{{/*
The user's own entries, unless one of them would undo a decision of the chart. Compared as
Spring Boot does: upper and lower case, dots, dashes and underscores make no difference.
*/}}
{{- define "parcels.ownEnvironment" -}}
{{- $decided := dict }}
{{- range $property, $value := include "parcels.decided" . | fromYaml }}
{{- $_ := set $decided (regexReplaceAll "[-._]" $property "") (dict "property" $property "value" $value) }}
{{- end }}
{{- range $entry := .Values.env }}
{{- $folded := regexReplaceAll "[-._]" (lower $entry.name) "" }}
{{- $decision := get $decided $folded }}
{{- if $decision }}
{{- fail (printf "env: %s must not be set there: the chart derives %s from %s." $entry.name $decision.property $decision.value) }}
{{- end }}
{{- if eq $folded "springapplicationjson" }}
{{- fail (printf "env: %s must not be set there: it outranks all other environment variables in Spring Boot, and so could undo migrations.runIn. Set each property by an entry of its own." $entry.name) }}
{{- end }}
{{- if and (hasPrefix "springautoconfigureexclude" $folded) (or $entry.valueFrom (regexMatch "(?i)headlock|flyway" (toString $entry.value))) }}
{{- fail (printf "env: %s must not take Headlock or Flyway out of the application, because that would undo migrations.runIn." $entry.name) }}
{{- end }}
{{- if has $entry.name (list "JAVA_TOOL_OPTIONS" "JDK_JAVA_OPTIONS" "_JAVA_OPTIONS" "JAVA_OPTS") }}
{{- if $entry.valueFrom }}
{{- fail (printf "env: %s must have a value: what comes from elsewhere could set system properties, which outrank environment variables in Spring Boot, and so undo migrations.runIn." $entry.name) }}
{{- end }}
{{- $options := regexReplaceAll "[-._]" (lower (toString $entry.value)) "" }}
{{- range $property := concat (list "headlock" "springapplicationjson" "springautoconfigureexclude") (keys $decided) }}
{{- if contains (printf "d%s" $property) $options }}
{{- fail (printf "env: %s must not set properties that the chart decides (here: %s), nor spring.application.json: system properties outrank environment variables in Spring Boot, and so could undo migrations.runIn." $entry.name $property) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.env }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/* "true" if the user's entries let pods that skip migrations work on background migrations. */}}
{{- define "parcels.podsWorkInBackground" -}}
{{- range $entry := .Values.env }}
{{- if and (eq (regexReplaceAll "[-._]" (lower $entry.name) "") "headlockbackgroundrun") (eq (lower (toString $entry.value)) "always") }}true{{ end }}
{{- end }}
{{- end }}

{{/*
The environment of one container, from a dict of "root" and "role":
  pod       starts, migrates and serves
  migrator  migrates and ends
  waiter    waits for the migrator's Job, and serves
  follower  serves after the migrator of its own pod
The user's entries come first: should a name get past the check, the last one counts.
*/}}
{{- define "parcels.environment" -}}
{{- $root := .root }}
{{- $migrates := has .role (list "pod" "migrator") }}
{{- $deadlines := include "parcels.deadlines" $root | fromYaml }}
{{- with include "parcels.ownEnvironment" $root }}
{{- . }}
{{- end }}
- name: SPRING_DATASOURCE_URL
  value: {{ required "database.application.url must be set, such as jdbc:postgresql://pgbouncer:6432/parcels." $root.Values.database.application.url | quote }}
- name: SPRING_DATASOURCE_USERNAME
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.database.application.secret }}
      key: username
- name: SPRING_DATASOURCE_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.database.application.secret }}
      key: password
{{- if $migrates }}
- name: SPRING_FLYWAY_URL
  value: {{ required "database.migrator.url must be set, such as jdbc:postgresql://postgres:5432/parcels: straight to the database." $root.Values.database.migrator.url | quote }}
- name: SPRING_FLYWAY_USER
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.database.migrator.secret }}
      key: username
- name: SPRING_FLYWAY_PASSWORD
  valueFrom:
    secretKeyRef:
      name: {{ $root.Values.database.migrator.secret }}
      key: password
{{- end }}
{{- $properties := dict
  "headlock.enabled" true
  "headlock.skip-migrations" (not $migrates)
  "headlock.exit-after-migration" (eq .role "migrator")
  "spring.flyway.enabled" true }}
{{- if ne .role "migrator" }}
- name: SERVER_PORT
  value: "8080"
# health tells versions and reasons, which the Service need not show to everybody
- name: MANAGEMENT_SERVER_PORT
  value: "8081"
{{- $_ := set $properties "spring.lifecycle.timeout-per-shutdown-phase" (printf "%ds" (int $root.Values.application.shutdownSeconds)) }}
{{- end }}
{{- if $migrates }}
{{- $_ := set $properties "headlock.lock.timeout" (printf "%ds" (int $deadlines.lock)) }}
{{- $_ := set $properties "headlock.background.finish" (and (eq .role "migrator") (gt (int $deadlines.finish) 0)) }}
{{- if and (eq .role "migrator") (gt (int $deadlines.finish) 0) }}
{{- $_ := set $properties "headlock.background.finish-timeout" (printf "%ds" (int $deadlines.finish)) }}
{{- end }}
{{- else if eq .role "waiter" }}
{{- $_ := set $properties "headlock.on-schema-behind" "wait" }}
{{- $_ := set $properties "headlock.schema-wait-timeout" (printf "%ds" (int $deadlines.wait)) }}
{{- else }}
{{- $_ := set $properties "headlock.on-schema-behind" "fail" }}
{{- end }}
{{- range $name, $value := $properties }}
{{ include "parcels.property" (dict "name" $name "value" $value) }}
{{- end }}
{{- end }}
