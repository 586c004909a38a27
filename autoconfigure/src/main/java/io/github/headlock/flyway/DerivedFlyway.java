package io.github.headlock.flyway;

import java.util.List;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.headlock.schema.NewRepeatables;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.callback.Callback;
import org.flywaydb.core.api.configuration.ClassicConfiguration;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.pattern.ValidatePattern;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

/**
 * Derives a Flyway that migrates under Headlock's lock, on one connection. On one
 * connection a migration and its history row commit in one transaction; with Flyway's
 * transactional lock they commit on two. The application's Flyway is only read.
 *
 * @param application configuration of the application's Flyway
 * @param versionsMayBeMissing whether versions that were applied may be missing in this
 * release
 * @param only what alone is applied, {@code null} for everything
 */
record DerivedFlyway(Configuration application, boolean versionsMayBeMissing, @Nullable NewRepeatables only) {

	/** Flyway counts a removed migration of the very head as a future one. */
	private static final List<ValidatePattern> MISSING_VERSIONS = List
		.of(ValidatePattern.fromPattern("versioned:missing"), ValidatePattern.fromPattern("versioned:future"));

	/**
	 * Derives it.
	 * @param dataSource where it gets its connections from
	 * @param callbacks are called before the application's own
	 * @return the Flyway
	 */
	Flyway with(DataSource dataSource, List<Callback> callbacks) {
		FluentConfiguration derived = Flyway.configure(this.application.getClassLoader())
			.configuration(this.application)
			.dataSource(dataSource);
		derived.getPluginRegister().getExact(PostgreSQLConfigurationExtension.class).setTransactionalLock(false);
		if (this.versionsMayBeMissing) {
			derived.ignoreMigrationPatterns(
					Stream.concat(Stream.of(this.application.getIgnoreMigrationPatterns()), MISSING_VERSIONS.stream())
						.toArray(ValidatePattern[]::new));
		}
		if (this.only != null) {
			this.only.applyTo(derived);
		}
		Flyway flyway = derived.load();
		addFirst(callbacks, flyway.getConfiguration());
		return flyway;
	}

	/**
	 * After loading, because that replaces the callbacks that were given by those of the
	 * package {@code db.callback}, if there are any.
	 */
	private static void addFirst(List<Callback> callbacks, Configuration loaded) {
		if (!(loaded instanceof ClassicConfiguration classic)) {
			throw new UnsupportedFlywayException(
					"Flyway keeps its configuration in a way that Headlock does not know: " + loaded.getClass());
		}
		classic
			.setCallbacks(Stream.concat(callbacks.stream(), Stream.of(loaded.getCallbacks())).toArray(Callback[]::new));
	}

}
