package io.github.headlock.startup;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.github.headlock.MigrationReport;
import io.github.headlock.background.BackgroundMigrations;
import io.github.headlock.jdbc.MigrationConnections;
import io.github.headlock.schema.MigrationListing;
import io.github.headlock.waiting.Deadline;
import io.github.headlock.waiting.Stopwatch;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.util.StringUtils;

/**
 * Brings the schema to head, or makes sure that it is there, when Spring Boot initialises
 * Flyway. On databases other than PostgreSQL, Flyway migrates as without Headlock, or the
 * start is refused if this process skips migrations.
 */
public class HeadlockMigrationStrategy implements FlywayMigrationStrategy {

	private static final Logger logger = LoggerFactory.getLogger(HeadlockMigrationStrategy.class);

	/** Null where Headlock is turned off. */
	private final @Nullable MigrationSettings settings;

	private final boolean nobodyMigrates;

	/** Null where Headlock is turned off. */
	private final @Nullable MigrationListeners listeners;

	private final Supplier<MigrationObserver> observer;

	private final Supplier<@Nullable FlywayMigrationStrategy> other;

	private volatile boolean called;

	private volatile @Nullable String inactiveBecause;

	private final ManagedSchemas schemas = new ManagedSchemas();

	/**
	 * Creates the strategy.
	 * @param settings what the team decided
	 * @param listeners are told how a start ended
	 * @param observer supplies who follows a start, asked when it begins
	 * @param other supplies the strategy that knows what to migrate, {@code null} if that
	 * is just the application's Flyway
	 */
	public HeadlockMigrationStrategy(MigrationSettings settings, MigrationListeners listeners,
			Supplier<MigrationObserver> observer, Supplier<@Nullable FlywayMigrationStrategy> other) {
		this(settings, false, listeners, observer, other);
	}

	private HeadlockMigrationStrategy(@Nullable MigrationSettings settings, boolean nobodyMigrates,
			@Nullable MigrationListeners listeners, Supplier<MigrationObserver> observer,
			Supplier<@Nullable FlywayMigrationStrategy> other) {
		this.settings = settings;
		this.nobodyMigrates = nobodyMigrates;
		this.listeners = listeners;
		this.observer = observer;
		this.other = other;
	}

	/**
	 * Creates the strategy of an application in which Headlock is turned off: Flyway
	 * migrates as without it, and nobody is told.
	 * @param nobodyMigrates whether this process skips migrations, so that Flyway does
	 * not migrate either
	 * @param other supplies the strategy that migrates, {@code null} if Flyway does
	 * @return the strategy
	 */
	public static HeadlockMigrationStrategy turnedOff(boolean nobodyMigrates,
			Supplier<@Nullable FlywayMigrationStrategy> other) {
		return new HeadlockMigrationStrategy(null, nobodyMigrates, null, () -> Supplier::get, other);
	}

	/**
	 * Brings the schema of a Flyway to head, or makes sure that it is there.
	 * @param flyway the application's Flyway, which is only read
	 * @throws io.github.headlock.HeadlockException if the start was refused or failed
	 * @throws InvalidConfigurationPropertyValueException if this process skips migrations
	 * and the database is not PostgreSQL
	 * @throws org.flywaydb.core.api.FlywayException if a migration failed or Flyway
	 * refused to migrate
	 */
	@Override
	public void migrate(Flyway flyway) {
		this.called = true;
		MigrationSettings settings = this.settings;
		FlywayMigrationStrategy other = this.other.get();
		if (settings == null) {
			migrateTurnedOff(flyway, other);
		}
		else {
			if (other == null) {
				migrate(flyway, settings);
			}
			else {
				migrateModules(flyway, other, settings);
			}
			this.schemas.warnOfSeveral();
		}
	}

	private void migrateModules(Flyway flyway, FlywayMigrationStrategy other, MigrationSettings settings) {
		Optional<ModuleFlyways> modules = ModuleFlyways.of(other.getClass());
		if (modules.isPresent()) {
			tellOfFailure(() -> flywaysOf(modules.get(), flyway, other, settings))
				.forEach((module) -> migrate(module, settings));
		}
		else {
			tellOfFailure(() -> giveWay(flyway, other, settings));
		}
	}

	private List<Flyway> flywaysOf(ModuleFlyways modules, Flyway flyway, FlywayMigrationStrategy other,
			MigrationSettings settings) {
		List<Flyway> flyways = modules.derive(other, flyway);
		if (flyways.isEmpty()) {
			this.inactiveBecause = "Spring Modulith has found no migrations";
			logger.warn("Nothing is migrated: Spring Modulith has found no migrations of any module in {}",
					Arrays.toString(flyway.getConfiguration().getLocations()));
		}
		if (flyways.size() > 1) {
			settings.upgradePath().ensureOneHistory();
			settings.background().ensureOneHistory();
		}
		return flyways;
	}

	private Optional<MigrationReport> giveWay(Flyway flyway, FlywayMigrationStrategy other,
			MigrationSettings settings) {
		if (settings.skip() != null) {
			throw refusal("The migration strategy " + other.getClass().getName() + " would migrate nevertheless.");
		}
		logger.warn("Headlock is not active: the migration strategy {} migrates, in a way that Headlock does not know",
				other.getClass().getName());
		this.inactiveBecause = "the migration strategy " + other.getClass().getName() + " migrates instead";
		other.migrate(flyway);
		return Optional.empty();
	}

	private void migrate(Flyway flyway, MigrationSettings settings) {
		Optional<MigrationReport> report = tellOfFailure(
				() -> this.observer.get().observe(() -> migrateOrDelegate(flyway, settings)));
		// the database part of the start has ended, and was reported
		report.flatMap((ready) -> managed())
			.ifPresent((schema) -> schema.backgroundCompletion().run(schema.report().status()));
	}

	private <T> T tellOfFailure(Supplier<T> step) {
		Stopwatch stopwatch = new Stopwatch();
		try {
			return step.get();
		}
		catch (RuntimeException ex) {
			tell((listeners) -> listeners.failed(ex, stopwatch.elapsed()));
			throw ex;
		}
	}

	private void migrateTurnedOff(Flyway flyway, @Nullable FlywayMigrationStrategy other) {
		if (this.nobodyMigrates) {
			logger.warn(
					"No migration is applied in this process, because headlock.skip-migrations=true is set, and nothing "
							+ "waits for the schema or watches it, because headlock.enabled=false is set");
		}
		else if (other != null) {
			other.migrate(flyway);
		}
		else {
			flyway.migrate();
		}
	}

	private Optional<MigrationReport> migrateOrDelegate(Flyway flyway, MigrationSettings settings) {
		Configuration configuration = DeferredFlyway.configurationOf(flyway);
		if (isMock(configuration)) {
			this.inactiveBecause = "the Flyway bean is a mock";
			logger.info("Headlock is not active: the Flyway bean has no configuration, as a mock has none");
			if (settings.skip() == null) {
				flyway.migrate();
			}
			return Optional.empty();
		}
		Optional<MigrationReport> report = MigrationConnections.isOtherDatabase(configuration) ? Optional.empty()
				: migrateIfPostgreSql(configuration, settings);
		if (report.isEmpty()) {
			ensureMayMigrate(settings);
			this.inactiveBecause = "the database is not PostgreSQL";
			logger.info("Headlock is not active: the database is not PostgreSQL, so Flyway migrates on its own");
			flyway.migrate();
		}
		return report;
	}

	/** A real configuration has at least Flyway's own name of the history table. */
	private static boolean isMock(@Nullable Configuration configuration) {
		return configuration == null || !StringUtils.hasLength(configuration.getTable());
	}

	private static void ensureMayMigrate(MigrationSettings settings) {
		if (settings.skip() != null) {
			throw refusal("The database is not PostgreSQL, so Flyway would migrate on its own nevertheless.");
		}
	}

	private static InvalidConfigurationPropertyValueException refusal(String reason) {
		return new InvalidConfigurationPropertyValueException("headlock.skip-migrations", true, reason);
	}

	private Optional<MigrationReport> migrateIfPostgreSql(Configuration configuration, MigrationSettings settings) {
		Deadline deadline = Deadline.in(settings.lockTimeout());
		MigrationConnections connections = MigrationConnections.of(configuration);
		// before there is a connection, because it may take a while
		MigrationListing migrations = MigrationListing.of(configuration, settings.skip() == null);
		Duration loginPatience = (settings.skip() != null) ? settings.skip().patience() : Duration.ZERO;
		try (FirstContact contact = new FirstContactPolling(connections, configuration, settings.pollInterval(),
				deadline, loginPatience)
			.await()) {
			return contact.server().map((server) -> {
				SupportedVersions.ensureFlyway();
				if (migrations.refersToServer()) {
					contact.endConnection();
				}
				return new SchemaMigration(
						StartContext.of(configuration, connections.to(server), server, migrations, settings, deadline))
					.run(contact);
			}).map(this::manage);
		}
	}

	private MigrationReport manage(ManagedSchema schema) {
		this.schemas.add(schema);
		tell((listeners) -> listeners.succeeded(schema.report()));
		return schema.report();
	}

	private void tell(Consumer<MigrationListeners> news) {
		MigrationListeners listeners = this.listeners;
		if (listeners != null) {
			news.accept(listeners);
		}
	}

	/**
	 * Returns whether anybody asked this strategy to migrate.
	 * @return {@code false} if Flyway was initialised without it, or not at all yet
	 */
	public boolean wasCalled() {
		return this.called;
	}

	/**
	 * Returns whether Headlock takes part at all.
	 * @return {@code false} if it is turned off
	 */
	public boolean isTurnedOn() {
		return this.settings != null;
	}

	/**
	 * Returns the background migrations of this release.
	 * @return the migrations, none where Headlock is turned off
	 */
	public BackgroundMigrations background() {
		return (this.settings != null) ? this.settings.background() : BackgroundMigrations.none();
	}

	/**
	 * Returns why Headlock took no part when it was asked to migrate.
	 * @return the reason, empty if it took part or was not asked
	 */
	public Optional<String> inactiveBecause() {
		return Optional.ofNullable(this.inactiveBecause);
	}

	/**
	 * Returns what the last successful start left behind.
	 * @return the schema, empty if none was migrated, the database is not PostgreSQL or
	 * the Flyway is a mock; of several it is ready when all are
	 */
	public Optional<ManagedSchema> managed() {
		return this.schemas.joined();
	}

}
