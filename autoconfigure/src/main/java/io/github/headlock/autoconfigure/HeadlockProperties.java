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
	 * blocked. Refused for migrations through pgpool-II.
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

	@NestedConfigurationProperty
	private final BackgroundProperties background = new BackgroundProperties();

	/** Creates the properties with their defaults. */
	public HeadlockProperties() {
	}

	/**
	 * {@return whether Headlock takes part in migrations}
	 */
	public boolean isEnabled() {
		return this.enabled;
	}

	/**
	 * Sets whether Headlock takes part in migrations.
	 * @param enabled {@code false} to leave them to Spring Boot and Flyway
	 */
	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	/**
	 * {@return whether this process never migrates, because another one does}
	 */
	public boolean isSkipMigrations() {
		return this.skipMigrations;
	}

	/**
	 * Sets whether this process never migrates.
	 * @param skipMigrations {@code true} if another process does, such as a Job
	 */
	public void setSkipMigrations(boolean skipMigrations) {
		this.skipMigrations = skipMigrations;
	}

	/**
	 * {@return what a process that skips migrations does when the schema is not at head}
	 */
	public OnSchemaBehind getOnSchemaBehind() {
		return this.onSchemaBehind;
	}

	/**
	 * Sets what happens when migrations are skipped and the schema is not at head.
	 * @param onSchemaBehind what a process that skips migrations does then
	 */
	public void setOnSchemaBehind(OnSchemaBehind onSchemaBehind) {
		this.onSchemaBehind = onSchemaBehind;
	}

	/**
	 * {@return the longest wait for another process to migrate}
	 */
	public Duration getSchemaWaitTimeout() {
		return this.schemaWaitTimeout;
	}

	/**
	 * Sets the longest wait for another process to migrate.
	 * @param schemaWaitTimeout the bound, at most 365 days; 0 to look once
	 * @throws InvalidConfigurationPropertyValueException if it is negative or longer
	 */
	public void setSchemaWaitTimeout(Duration schemaWaitTimeout) {
		this.schemaWaitTimeout = DurationBounds.UP_TO_A_YEAR.check("headlock.schema-wait-timeout", schemaWaitTimeout);
	}

	/**
	 * {@return whether the process ends after the migration}
	 */
	public boolean isExitAfterMigration() {
		return this.exitAfterMigration;
	}

	/**
	 * Sets whether the process ends after the migration.
	 * @param exitAfterMigration {@code true} to end without starting the application, as
	 * a Job does
	 */
	public void setExitAfterMigration(boolean exitAfterMigration) {
		this.exitAfterMigration = exitAfterMigration;
	}

	/**
	 * {@return what to do when the database has migrations of a later release}
	 */
	public OnSchemaAhead getOnSchemaAhead() {
		return this.onSchemaAhead;
	}

	/**
	 * Sets what to do when the database has migrations of a later release.
	 * @param onSchemaAhead whether the start goes on or fails
	 */
	public void setOnSchemaAhead(OnSchemaAhead onSchemaAhead) {
		this.onSchemaAhead = onSchemaAhead;
	}

	/**
	 * {@return whether a schema at head needs neither the lock nor a run of Flyway}
	 */
	public FastPath getFastPath() {
		return this.fastPath;
	}

	/**
	 * Sets whether a schema at head needs neither the lock nor a run of Flyway.
	 * @param fastPath whether to look first, or to lock and run Flyway at every start
	 */
	public void setFastPath(FastPath fastPath) {
		this.fastPath = fastPath;
	}

	/**
	 * {@return whether to end the sessions of the blocked roles before a migration}
	 */
	public boolean isTerminateDbSessions() {
		return this.terminateDbSessions;
	}

	/**
	 * Sets whether to end the sessions of the blocked roles before a migration.
	 * @param terminateDbSessions {@code false} to wait for them to end
	 */
	public void setTerminateDbSessions(boolean terminateDbSessions) {
		this.terminateDbSessions = terminateDbSessions;
	}

	/**
	 * {@return the oldest schema version to upgrade from, {@code null} for any}
	 */
	public @Nullable String getMinimumSchemaVersion() {
		return this.minimumSchemaVersion;
	}

	/**
	 * Sets the oldest schema version that this release upgrades.
	 * @param minimumSchemaVersion the version, {@code null} for any
	 */
	public void setMinimumSchemaVersion(@Nullable String minimumSchemaVersion) {
		this.minimumSchemaVersion = minimumSchemaVersion;
	}

	/**
	 * {@return the releases that no upgrade may skip, oldest first}
	 */
	public List<RequiredStopProperties> getRequiredStops() {
		return this.requiredStops;
	}

	/**
	 * Sets the releases that no upgrade may skip.
	 * @param requiredStops the releases, in ascending order of their schema versions
	 */
	public void setRequiredStops(List<RequiredStopProperties> requiredStops) {
		this.requiredStops = requiredStops;
	}

	/**
	 * {@return the version of the one stop that upgrades may skip, {@code null} for none}
	 */
	public @Nullable String getSkipRequiredStop() {
		return this.skipRequiredStop;
	}

	/**
	 * Sets the one required stop that upgrades may skip, in an emergency.
	 * @param skipRequiredStop its schema version, {@code null} for none
	 */
	public void setSkipRequiredStop(@Nullable String skipRequiredStop) {
		this.skipRequiredStop = skipRequiredStop;
	}

	/**
	 * {@return how long and how often a process tries to get the migration lock}
	 */
	public LockProperties getLock() {
		return this.lock;
	}

	/**
	 * {@return what happens to sessions of the application during a migration}
	 */
	public SessionsProperties getSessions() {
		return this.sessions;
	}

	/**
	 * {@return how migrations queue for the locks of the tables they change}
	 */
	public DdlProperties getDdl() {
		return this.ddl;
	}

	/**
	 * {@return how background migrations are worked on}
	 */
	public BackgroundProperties getBackground() {
		return this.background;
	}

}
