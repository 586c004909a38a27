package io.github.headlock.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

import io.github.headlock.BackgroundMigration.Definition;
import io.github.headlock.autoconfigure.HeadlockProperties;
import io.github.headlock.autoconfigure.HeadlockPropertiesAutoConfiguration;
import io.github.headlock.autoconfigure.UpgradePaths;
import io.github.headlock.schema.ReleaseMigrations;
import io.github.headlock.schema.VersionedMigration;
import io.github.headlock.upgrade.RequiredStop;
import io.github.headlock.upgrade.UpgradePath;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Checks at build time that the migrations of a release keep the rules of its upgrade
 * path. For a team's own tests, with any test framework, without a database:
 *
 * <pre>
 * &#64;Test
 * void upgradePath() {
 *     UpgradePathCheck.ofApplication().verify();
 * }
 * </pre>
 *
 * What was released before is read from a file in the team's repository, which
 * {@link #record()} extends at each release; so does {@link #verify()} with
 * {@code -Dheadlock.record-released-migrations=true}.
 */
public final class UpgradePathCheck {

	private static final String RECORD_PROPERTY = "headlock.record-released-migrations";

	private final UpgradePath path;

	private final ReleaseMigrations release;

	private final MigrationRecord record;

	private final BackgroundCheck background;

	private UpgradePathCheck(UpgradePath path, ReleaseMigrations release, MigrationRecord record,
			BackgroundCheck background) {
		this.path = path;
		this.release = release;
		this.record = record;
		this.background = background;
	}

	/**
	 * Reads the application's configuration files, with what they say of Flyway and of
	 * Headlock, and lists its migrations. The record is in
	 * {@code src/test/resources/released-migrations.txt}.
	 * @param profiles profiles to read the configuration with
	 * @return the check
	 * @throws RuntimeException if the configuration or the migrations cannot be read
	 */
	public static UpgradePathCheck ofApplication(String... profiles) {
		SpringApplicationBuilder application = new SpringApplicationBuilder(Migrations.class)
			.web(WebApplicationType.NONE)
			.bannerMode(Banner.Mode.OFF)
			.logStartupInfo(false)
			.registerShutdownHook(false)
			.profiles(profiles);
		// what they are in production is neither known here nor needed
		try (ConfigurableApplicationContext context = application.run("--spring.flyway.enabled=true",
				"--spring.flyway.url=jdbc:postgresql://none/none", "--spring.flyway.user=none",
				"--spring.flyway.password=none", "--spring.main.web-application-type=none", "--spring.main.sources=")) {
			HeadlockProperties properties = context.getBean(HeadlockProperties.class);
			UpgradePath path = UpgradePaths.of(properties);
			Flyway flyway = context.getBean(Flyway.class);
			ReleaseMigrations release = ReleaseMigrations.of(flyway.getConfiguration());
			return new UpgradePathCheck(path, release,
					new MigrationRecord(Path.of("src", "test", "resources", "released-migrations.txt")),
					new BackgroundCheck(properties, path, release, release.directives(flyway.getConfiguration()),
							List.of()));
		}
	}

	/**
	 * Tells which background migrations are declared by beans, which are not created
	 * here. Those in files are found.
	 * @param definitions what the beans return
	 * @return the check with these definitions alone
	 */
	public UpgradePathCheck declaring(Definition... definitions) {
		return new UpgradePathCheck(this.path, this.release, this.record,
				new BackgroundCheck(this.background.properties(), this.path, this.release, this.background.directives(),
						List.of(definitions)));
	}

	/**
	 * Has the record in another file.
	 * @param file the file, relative to the working directory of the tests
	 * @return the check with that record
	 */
	public UpgradePathCheck recordedIn(Path file) {
		return new UpgradePathCheck(this.path, this.release, new MigrationRecord(file), this.background);
	}

	/**
	 * Adds the migrations of this release to the record, unchecked. To be done when it is
	 * released, not before: until then a migration may still be renamed or removed.
	 */
	public void record() {
		this.record.extend(this.release.versioned());
	}

	/**
	 * Compares the migrations of this release with the record and the upgrade path.
	 * @throws AssertionError if a released migration was removed too early, a new one is
	 * out of order, nothing takes the place of squashed ones on a fresh database, the
	 * stops and the minimum do not lead to this release, or a migration requires a
	 * background migration that was never declared or is not declared any more; naming
	 * all of it
	 */
	public void verify() {
		boolean recording = Boolean.getBoolean(RECORD_PROPERTY);
		if (!this.record.exists() && !recording) {
			throw new AssertionError(String.format(Locale.ROOT,
					"There is no record of what was released. Run this test once with -D%s=true, and commit %s",
					RECORD_PROPERTY, this.record));
		}
		List<String> mistakes = new ArrayList<>();
		addMisplacedStops(mistakes);
		if (this.record.exists()) {
			addRemoved(mistakes);
			addOutOfOrder(mistakes);
		}
		mistakes.addAll(this.background.mistakes(this.record.exists() ? this.record.read() : List.of()));
		if (!mistakes.isEmpty()) {
			throw new AssertionError("The upgrade path is broken:\n  - " + String.join("\n  - ", mistakes));
		}
		if (recording) {
			record();
		}
	}

	private void addMisplacedStops(List<String> mistakes) {
		try {
			this.path.ensureLeadsTo(this.release);
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			mistakes.add(String.format(Locale.ROOT, "%s is %s: %s", ex.getName(), ex.getValue(), ex.getReason()));
		}
	}

	private void addRemoved(List<String> mistakes) {
		MigrationVersion minimum = this.path.minimum();
		List<VersionedMigration> gone = this.record.read()
			.stream()
			.filter((released) -> !contains(this.release.versioned(), released))
			.toList();
		gone.stream()
			.filter((released) -> minimum == null || released.order().compareTo(minimum) > 0)
			.forEach((released) -> mistakes.add(String
				.format(Locale.ROOT, "%s was released and is removed too early: %s", released, (minimum == null)
						? "headlock.minimum-schema-version is not set" : "the minimum schema version is " + minimum)));
		MigrationVersion lastGone = highest(gone);
		MigrationVersion squashed = highest(this.release.baselines());
		MigrationVersion lowest = this.release.lowest();
		if (lastGone == null && minimum != null && lowest != null && lowest.compareTo(minimum) > 0) {
			mistakes.add(String.format(Locale.ROOT,
					"fresh databases lack what versions up to %s did: nothing up to the minimum is contained",
					minimum));
		}
		if (lastGone != null && (squashed == null || squashed.compareTo(lastGone) < 0)) {
			mistakes.add(String.format(Locale.ROOT,
					"fresh databases lack what versions up to %s did: there is no baseline migration B%s or higher",
					lastGone, lastGone));
		}
	}

	private void addOutOfOrder(List<String> mistakes) {
		List<VersionedMigration> released = this.record.read();
		MigrationVersion last = highest(released);
		this.path.stops()
			.stream()
			.filter((stop) -> last != null && stop.schemaVersion().compareTo(last) <= 0)
			.max(Comparator.comparing(RequiredStop::schemaVersion))
			.ifPresent((stop) -> this.release.versioned()
				.stream()
				.filter((migration) -> migration.order().compareTo(stop.schemaVersion()) <= 0
						&& !contains(released, migration))
				.forEach((migration) -> mistakes.add(String.format(Locale.ROOT,
						"%s is new, but databases have passed the required stop %s of release %s: it needs a higher version",
						migration, stop.schemaVersion(), stop.release()))));
	}

	private static boolean contains(List<VersionedMigration> migrations, VersionedMigration wanted) {
		return migrations.stream().anyMatch((migration) -> migration.order().equals(wanted.order()));
	}

	private static @Nullable MigrationVersion highest(List<VersionedMigration> migrations) {
		return migrations.stream().map(VersionedMigration::order).max(MigrationVersion::compareTo).orElse(null);
	}

	/**
	 * As much of the application as its migrations need.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableConfigurationProperties(HeadlockProperties.class)
	@ImportAutoConfiguration({ HeadlockPropertiesAutoConfiguration.class, FlywayAutoConfiguration.class })
	static class Migrations {

		@Bean
		@FlywayDataSource
		NoDatabase noDatabase() {
			return new NoDatabase();
		}

		@Bean
		FlywayMigrationStrategy noMigration() {
			return (flyway) -> {
			};
		}

	}

}
