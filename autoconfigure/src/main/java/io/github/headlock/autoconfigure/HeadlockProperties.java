package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.github.headlock.startup.FastPath;
import io.github.headlock.startup.OnSchemaAhead;
import io.github.headlock.startup.OnSchemaBehind;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * Properties of Headlock.
 */
@ConfigurationProperties("headlock")
public class HeadlockProperties {

	static final Duration MAX_TIMEOUT = Duration.ofDays(365);

	/**
	 * Whether Headlock takes part in migrations. If not, Spring Boot and Flyway behave as
	 * without it; with headlock.skip-migrations=true nobody migrates.
	 */
	private boolean enabled = true;

	/**
	 * Whether this process never migrates, because another one does, such as a Job. It
	 * needs no more than SELECT on the history table and USAGE on its schema. The start
	 * is refused where something would migrate nevertheless.
	 */
	private boolean skipMigrations;

	/**
	 * What a process that skips migrations does when the schema is not at head.
	 */
	private OnSchemaBehind onSchemaBehind = OnSchemaBehind.REPORT;

	/**
	 * Longest wait for another process to migrate, with headlock.on-schema-behind=wait.
	 */
	private Duration schemaWaitTimeout = Duration.ofMinutes(10);

	/**
	 * Whether to migrate, or find the schema at head, and end the process without
	 * starting the application, for a Job or an init container. Its exit code is 0, or
	 * that of the failure.
	 */
	private boolean exitAfterMigration;

	/**
	 * What to do when the database has migrations of a later release.
	 */
	private OnSchemaAhead onSchemaAhead = OnSchemaAhead.ACCEPT;

	/**
	 * Whether a schema that is at head already needs neither the lock nor a run of
	 * Flyway.
	 */
	private FastPath fastPath = FastPath.AUTO;

	/**
	 * Whether to end the sessions of the blocked roles before a migration. Without
	 * headlock.sessions.roles, the role that the application itself logs in with is
	 * blocked.
	 */
	private boolean terminateDbSessions;

	/**
	 * Oldest schema version that this release upgrades. Migrations up to it may be
	 * squashed.
	 */
	private @Nullable String minimumSchemaVersion;

	/**
	 * Releases that no upgrade may skip, in ascending order of their schema versions.
	 */
	private List<RequiredStopProperties> requiredStops = new ArrayList<>();

	/**
	 * Schema version of the one required stop that upgrades may skip nevertheless, in an
	 * emergency.
	 */
	private @Nullable String skipRequiredStop;

	@NestedConfigurationProperty
	private final LockProperties lock = new LockProperties();

	@NestedConfigurationProperty
	private final SessionsProperties sessions = new SessionsProperties();

	@NestedConfigurationProperty
	private final DdlProperties ddl = new DdlProperties();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public boolean isSkipMigrations() {
		return this.skipMigrations;
	}

	public void setSkipMigrations(boolean skipMigrations) {
		this.skipMigrations = skipMigrations;
	}

	public OnSchemaBehind getOnSchemaBehind() {
		return this.onSchemaBehind;
	}

	public void setOnSchemaBehind(OnSchemaBehind onSchemaBehind) {
		this.onSchemaBehind = onSchemaBehind;
	}

	public Duration getSchemaWaitTimeout() {
		return this.schemaWaitTimeout;
	}

	public void setSchemaWaitTimeout(Duration schemaWaitTimeout) {
		if (schemaWaitTimeout.isNegative() || schemaWaitTimeout.compareTo(MAX_TIMEOUT) > 0) {
			throw new InvalidConfigurationPropertyValueException("headlock.schema-wait-timeout", schemaWaitTimeout,
					"It must be between 0 and 365 days.");
		}
		this.schemaWaitTimeout = schemaWaitTimeout;
	}

	public boolean isExitAfterMigration() {
		return this.exitAfterMigration;
	}

	public void setExitAfterMigration(boolean exitAfterMigration) {
		this.exitAfterMigration = exitAfterMigration;
	}

	public OnSchemaAhead getOnSchemaAhead() {
		return this.onSchemaAhead;
	}

	public void setOnSchemaAhead(OnSchemaAhead onSchemaAhead) {
		this.onSchemaAhead = onSchemaAhead;
	}

	public FastPath getFastPath() {
		return this.fastPath;
	}

	public void setFastPath(FastPath fastPath) {
		this.fastPath = fastPath;
	}

	public boolean isTerminateDbSessions() {
		return this.terminateDbSessions;
	}

	public void setTerminateDbSessions(boolean terminateDbSessions) {
		this.terminateDbSessions = terminateDbSessions;
	}

	public @Nullable String getMinimumSchemaVersion() {
		return this.minimumSchemaVersion;
	}

	public void setMinimumSchemaVersion(@Nullable String minimumSchemaVersion) {
		this.minimumSchemaVersion = minimumSchemaVersion;
	}

	public List<RequiredStopProperties> getRequiredStops() {
		return this.requiredStops;
	}

	public void setRequiredStops(List<RequiredStopProperties> requiredStops) {
		this.requiredStops = requiredStops;
	}

	public @Nullable String getSkipRequiredStop() {
		return this.skipRequiredStop;
	}

	public void setSkipRequiredStop(@Nullable String skipRequiredStop) {
		this.skipRequiredStop = skipRequiredStop;
	}

	public LockProperties getLock() {
		return this.lock;
	}

	public SessionsProperties getSessions() {
		return this.sessions;
	}

	public DdlProperties getDdl() {
		return this.ddl;
	}

}
