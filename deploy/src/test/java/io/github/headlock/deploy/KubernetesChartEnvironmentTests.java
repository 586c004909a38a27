package io.github.headlock.deploy;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * That nothing but {@code migrations.runIn} decides who migrates.
 */
class KubernetesChartEnvironmentTests {

	@ParameterizedTest
	@CsvSource({ "HEADLOCK_SKIP_MIGRATIONS, headlock.skip-migrations",
			"HEADLOCK_SKIPMIGRATIONS, headlock.skip-migrations", "headlock_skip_migrations, headlock.skip-migrations",
			"headlock.skip-migrations, headlock.skip-migrations", "headlock.skipMigrations, headlock.skip-migrations",
			"Headlock_Skip_Migrations, headlock.skip-migrations",
			"HEADLOCK_EXIT_AFTER_MIGRATION, headlock.exit-after-migration",
			"headlock.exitAfterMigration, headlock.exit-after-migration",
			"HEADLOCK_ON_SCHEMA_BEHIND, headlock.on-schema-behind", "HEADLOCK_ENABLED, headlock.enabled",
			"SPRING_FLYWAY_ENABLED, spring.flyway.enabled" })
	void anEntryThatWouldDecideWhoMigratesIsRefused(String name, String property) {
		assertThat(refusalOf(name, "false")).contains(
				"env: %s must not be set there: the chart derives %s from migrations.runIn".formatted(name, property));
	}

	@ParameterizedTest
	@CsvSource({ "HEADLOCK_LOCK_TIMEOUT, migrations.lockTimeoutSeconds",
			"HEADLOCK_SCHEMA_WAIT_TIMEOUT, migrations.longestSeconds",
			"HEADLOCK_BACKGROUND_FINISH, migrations.job.finishBackgroundSeconds",
			"headlock.background.finishTimeout, migrations.job.finishBackgroundSeconds",
			"SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE, application.shutdownSeconds",
			"SPRING_FLYWAY_URL, database.migrator.url", "SPRING_DATASOURCE_PASSWORD, database.application.secret",
			"MANAGEMENT_SERVER_PORT, the ports of its containers" })
	void anEntryThatHasAValueOfItsOwnIsRefused(String name, String value) {
		assertThat(refusalOf(name, "1")).contains("env: " + name, "from " + value);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SPRING_APPLICATION_JSON", "spring.application.json", "spring_application_json" })
	void jsonThatOutranksTheEnvironmentIsRefused(String name) {
		assertThat(refusalOf(name, "{}")).contains("env: %s must not be set there".formatted(name), "outranks");
	}

	@ParameterizedTest
	@ValueSource(strings = { "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS" })
	void systemPropertiesOfHeadlockAreRefused(String name) {
		assertThat(refusalOf(name, "-Xss1m -Dheadlock.skip-migrations=false")).contains("env: " + name, "outrank");
		assertThat(refusalOf(name, "-Dspring.application.json={}")).contains("env: " + name, "outrank");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Dspring.flyway.enabled=false", "-Dspring.flyway.url=jdbc:postgresql://elsewhere/x",
			"-Dspring.datasource.username=postgres", "-Dspring.autoconfigure.exclude=a.B", "-DHEADLOCK_ENABLED=false" })
	void systemPropertiesThatTheChartDecidesAreRefused(String option) {
		assertThat(refusalOf("JAVA_TOOL_OPTIONS", "-Xss1m " + option)).contains("env: JAVA_TOOL_OPTIONS", "outrank");
	}

	@Test
	void optionsOfTheJvmThatTheChartCannotSeeAreRefused() {
		assertThat(Chart.refusalOf(Chart.DATABASE,
				"env: [{name: JAVA_TOOL_OPTIONS, valueFrom: "
						+ "{configMapKeyRef: {name: settings, key: options}}}]\n"))
			.contains("env: JAVA_TOOL_OPTIONS must have a value");
	}

	@ParameterizedTest
	@CsvSource({ "SPRING_AUTOCONFIGURE_EXCLUDE, io.github.headlock.autoconfigure.HeadlockAutoConfiguration",
			"SPRING_AUTOCONFIGURE_EXCLUDE_0_, org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration" })
	void noEntryTakesHeadlockOrFlywayOutOfTheApplication(String name, String value) {
		assertThat(refusalOf(name, value)).contains("env: " + name, "migrations.runIn");
	}

	@Test
	void otherAutoConfigurationMayBeExcluded() {
		assertThat(Chart.render("env: [{name: SPRING_AUTOCONFIGURE_EXCLUDE, value: a.B}]\n").application().getEnv())
			.anySatisfy((variable) -> assertThat(variable.getValue()).isEqualTo("a.B"));
	}

	@Test
	void otherOptionsOfTheJvmAreAccepted() {
		assertThat(Chart.render("env: [{name: JAVA_TOOL_OPTIONS, value: -XX:MaxRAMPercentage=70}]\n")
			.application()
			.getEnv()).anySatisfy((variable) -> assertThat(variable.getName()).isEqualTo("JAVA_TOOL_OPTIONS"));
	}

	@Test
	void ownEntriesComeFirstSoThatTheyLose() {
		Manifests manifests = Chart.migratingIn("job", "env: [{name: A, value: b}]\n");
		assertThat(manifests.containers())
			.allSatisfy((container) -> assertThat(container.getEnv().get(0).getName()).isEqualTo("A"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "HEADLOCK_SKIP_MIGRATIONS", "HEADLOCK_SKIPMIGRATIONS", "headlock_skip_migrations",
			"headlock.skip-migrations", "headlock.skipMigrations", "headlock_skipmigrations" })
	void noSpellingInEnvFromMakesPodsMigrate(String name) {
		assertThat(envFrom("job", name, "false").migrates()).isFalse();
		assertThat(envFrom("initContainer", name, "false").migrates()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "HEADLOCK_EXIT_AFTER_MIGRATION", "HEADLOCK_EXITAFTERMIGRATION",
			"headlock_exit_after_migration", "headlock.exit-after-migration" })
	void noSpellingInEnvFromMakesPodsEnd(String name) {
		for (String runIn : new String[] { "pods", "job", "initContainer" }) {
			assertThat(envFrom(runIn, name, "true").endsAfterwards()).as(runIn).isFalse();
		}
	}

	@ParameterizedTest
	@CsvSource({ "HEADLOCK_SKIP_MIGRATIONS, true", "HEADLOCK_SKIPMIGRATIONS, true", "headlock.skip-migrations, true",
			"HEADLOCK_ENABLED, false", "SPRING_FLYWAY_ENABLED, false" })
	void nothingInEnvFromKeepsTheMigratorFromMigrating(String name, String value) {
		for (String runIn : new String[] { "job", "initContainer" }) {
			Manifests manifests = Chart.migratingIn(runIn, "envFrom: [{configMapRef: {name: settings}}]\n");
			ApplicationView migrator = ApplicationView.of(manifests.migrator(), Map.of(name, value));
			assertThat(migrator.migrates()).as(runIn).isTrue();
			assertThat(migrator.endsAfterwards()).as(runIn).isTrue();
		}
	}

	@Test
	void jsonInEnvFromIsTheOneThingThatTheChartCannotSee() {
		// so the documentation warns of it, and this test says when it need not any more
		assertThat(envFrom("job", "SPRING_APPLICATION_JSON", "{\"headlock\":{\"skip-migrations\":false}}").migrates())
			.isTrue();
	}

	private static ApplicationView envFrom(String runIn, String name, String value) {
		return ApplicationView.of(
				Chart.migratingIn(runIn, "envFrom: [{configMapRef: {name: settings}}]\n").application(),
				Map.of(name, value));
	}

	private static String refusalOf(String name, String value) {
		return Chart.refusalOf(Chart.DATABASE, "env: [{name: %s, value: '%s'}]\n".formatted(name, value));
	}

}
