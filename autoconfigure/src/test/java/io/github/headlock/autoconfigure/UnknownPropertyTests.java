package io.github.headlock.autoconfigure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import io.github.headlock.test.Replica;
import io.github.headlock.test.ReplicaProcess;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Names under {@code headlock} that no property has.
 */
@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertyTests {

	@ParameterizedTest
	@CsvSource({ "headlock.skip-migration, headlock.skip-migrations", "headlock.enable, headlock.enabled",
			"headlock.lock.timout, headlock.lock.timeout", "headlock.lock-timeout, headlock.lock.timeout",
			"headlock.lockTimeout, headlock.lock.timeout", "headlock.timeout, headlock.lock.timeout",
			"headlock.drain-timeout, headlock.sessions.drain-timeout", "headlock.roles[0], headlock.sessions.roles",
			"headlock.sessions.terminate-db-sessions, headlock.terminate-db-sessions",
			"headlock.lock.max-attempts, headlock.ddl.max-attempts",
			"headlock.required-stops[3].schema-versoin, headlock.required-stops[n].schema-version",
			"headlock.sessions.role, headlock.sessions.roles", "headlock.on-schema-behnd, headlock.on-schema-behind" })
	void aNameThatIsAlmostRightEndsTheStartWhereverItStands(String wrong, String meant) {
		runner().withPropertyValues(wrong + "=true")
			.run((context) -> assertRefused(context.getStartupFailure(), wrong, meant));
		String variable = wrong.replaceAll("[.\\[]", "_").replaceAll("[\\]-]", "").toUpperCase(Locale.ROOT);
		inEnvironment(Map.of(variable, "true"))
			.run((context) -> assertRefused(context.getStartupFailure(), variable, meant));
	}

	private static void assertRefused(Throwable failure, String wrong, String meant) {
		assertThat(failure).isInstanceOfSatisfying(UnknownPropertyException.class, (ex) -> {
			assertThat(ex).hasMessageContaining("Headlock has no such property: " + wrong + " (\"" + wrong + '"');
			assertThat(ex.meant()).containsExactly(meant);
		});
	}

	@Test
	void aVariableOfTheEnvironmentIsRefusedWhereItIsNotBound() {
		runner().withPropertyValues("HEADLOCK_SKIP_MIGRATIONS=true")
			.run((context) -> assertRefused(context.getStartupFailure(), "HEADLOCK_SKIP_MIGRATIONS",
					"headlock.skip-migrations"));
	}

	@Test
	void anyOtherIsNamedOnceInTheLogWithoutItsValue(CapturedOutput output) {
		for (int i = 0; i < 2; i++) {
			runner().withPropertyValues("headlock.next-version-thing=secret", "headlock.next-version.enabled=secret")
				.run((context) -> assertThat(context).hasNotFailed());
		}
		assertThat(output).containsOnlyOnce("headlock.next-version-thing (")
			.containsOnlyOnce("headlock.next-version.enabled (")
			.doesNotContain("secret");
	}

	@Test
	void serviceLinksOfKubernetesAreLeftAlone(CapturedOutput output) {
		inEnvironment(Map.of("HEADLOCK_PORT", "tcp://10.0.0.1:80", "HEADLOCK_PORT_8080_TCP_ADDR", "10.0.0.1",
				"HEADLOCK_SERVICE_HOST", "10.0.0.1", "HEADLOCK_SERVICE_PORT", "80", "HEADLOCK_SERVICE_PORT_HTTP", "80",
				"HEADLOCK_SHOP_SERVICE_HOST", "10.0.0.1", "HEADLOCKS_OTHER", "x"))
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).doesNotContain("no such property");
	}

	@Test
	void everySpellingThatSpringBootBindsIsKnown() {
		for (String name : PropertyNames.ALL) {
			List<String> spellings = List.of(name, camelCase(name), name.replace('-', '_'), name.replace("[0]", "[12]"),
					name.replace("-", ""));
			assertThat(spellings).allMatch((key) -> PropertyNames.isKnown(key, false));
			String variable = name.replaceAll("[.\\[]", "_").replace("]", "").toUpperCase(Locale.ROOT);
			assertThat(List.of(variable.replace("-", ""), variable.replace('-', '_')))
				.allMatch((key) -> PropertyNames.concerns(key) && PropertyNames.isKnown(key, true));
		}
		assertThat(PropertyNames.isKnown("headlock.sessions", false)).isTrue();
	}

	/** Names of the environment: whatever is called known here must be bound. */
	@ParameterizedTest
	@ValueSource(strings = { "HEADLOCK_LOCK_TIMEOUT", "HEADLOCK_DDL_LOCKTIMEOUT", "HEADLOCK_DDL_LOCK_TIMEOUT",
			"headlock_lock_timeout", "headlock_ddl_locktimeout", "headlock_ddl_lock_timeout", "headlock.lock.timeout",
			"headlock.ddl.lock-timeout", "headlock.ddl.lockTimeout", "Headlock_Lock_Timeout",
			"HEADLOCK_REQUIREDSTOPS_0_SCHEMAVERSION", "HEADLOCK_REQUIRED_STOPS_0_SCHEMA_VERSION",
			"HEADLOCK_REQUIREDSTOPS_0_SCHEMA_VERSION", "HEADLOCK_LOCKTIMEOUT", "HEADLOCK_SESSIONS_ROLES_0" })
	void inTheEnvironmentWhatIsKnownIsBound(String variable) {
		MutablePropertySources sources = new MutablePropertySources();
		sources.addFirst(environment(Map.of(variable, "1s")));
		Binder binder = new Binder(ConfigurationPropertySources.from(sources));
		boolean bound = Stream
			.of("headlock.lock.timeout", "headlock.ddl.lock-timeout", "headlock.required-stops[0].schema-version")
			.anyMatch((name) -> binder.bind(name, String.class).isBound())
				|| binder.bind("headlock.sessions.roles", String[].class).isBound();
		assertThat(PropertyNames.isKnown(variable, true)).isEqualTo(bound);
	}

	@Test
	void nothingIsMigratedBeforeTheNamesAreChecked(@TempDir Path folder) throws Exception {
		TestDatabase database = TestDatabase.create();
		Replica replica = Replica.of(database.url(), "basic");
		assertThatThrownBy(() -> replica.with(OwnFlyway.class).with("headlock.skip-migration", true).start())
			.isInstanceOf(UnknownPropertyException.class);
		try (ReplicaProcess process = ReplicaProcess
			.start(Replica.of(database.url(), "basic").withEnvironment("HEADLOCK_SKIP_MIGRATION", "true"))) {
			assertThat(process.exitCode()).isOne();
			assertThat(process.output()).contains("APPLICATION FAILED TO START",
					"Headlock has no such property: HEADLOCK_SKIP_MIGRATION "
							+ "(System Environment Property \"HEADLOCK_SKIP_MIGRATION\").",
					"Probably meant: headlock.skip-migrations.");
		}
		Path file = Files.writeString(folder.resolve("application.yaml"), "headlock:\n  lock-timeout: 1m\n");
		assertThatThrownBy(() -> Replica.of(database.url(), "basic").with("spring.config.location", file).start())
			.hasMessageContaining("headlock.lock-timeout (")
			.hasMessageContaining("application.yaml] - 2:17");
		assertThat(database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
	}

	@Test
	void anUnknownPropertyIsRefusedAlsoWhereHeadlockIsTurnedOff() {
		runner().withPropertyValues("headlock.enabled=false", "headlock.skip-migration=true")
			.run((context) -> assertThat(context).hasFailed());
	}

	private static ApplicationContextRunner runner() {
		return new ApplicationContextRunner().withUserConfiguration(HeadlockPropertiesAutoConfiguration.class);
	}

	private static ApplicationContextRunner inEnvironment(Map<String, Object> variables) {
		return runner().withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.replace(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, environment(variables)));
	}

	private static PropertySource<?> environment(Map<String, Object> variables) {
		return new SystemEnvironmentPropertySource(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
				variables);
	}

	private static String camelCase(String name) {
		String[] words = name.split("-");
		return words[0] + Arrays.stream(words).skip(1).map(StringUtils::capitalize).reduce("", String::concat);
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnFlyway {

		@Bean(initMethod = "migrate")
		Flyway flyway(Environment environment) {
			return Flyway.configure()
				.dataSource(environment.getRequiredProperty("spring.datasource.url"), "postgres", null)
				.locations("classpath:db/basic")
				.load();
		}

	}

}
