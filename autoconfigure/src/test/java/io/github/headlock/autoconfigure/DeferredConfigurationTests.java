package io.github.headlock.autoconfigure;

import java.beans.PropertyDescriptor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.headlock.startup.DeferredFlyway;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.BeanUtils;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayProperties;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;
import org.springframework.test.util.ReflectionTestUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Headlock looks with before a Flyway is loaded is what the Flyway gets, and what it
 * gets without Headlock, whatever is set.
 */
@Tag("every-version")
class DeferredConfigurationTests {

	/** Values of all properties that are not their defaults. */
	private static final Map<String, String> VALUES = new TreeMap<>(Map.ofEntries(
			Map.entry("fail-on-missing-locations", "true"), Map.entry("locations", "classpath:db/basic,filesystem:a/b"),
			Map.entry("callback-locations", "classpath:db/basic"), Map.entry("encoding", "ISO-8859-1"),
			Map.entry("connect-retries", "7"), Map.entry("connect-retries-interval", "9s"),
			Map.entry("lock-retry-count", "3"), Map.entry("default-schema", "inventory"),
			Map.entry("schemas", "inventory,other"), Map.entry("create-schemas", "false"),
			Map.entry("table", "our history"), Map.entry("tablespace", "fast"),
			Map.entry("baseline-description", "before"), Map.entry("baseline-version", "1.2"),
			Map.entry("installed-by", "somebody"), Map.entry("placeholders.one", "1"),
			Map.entry("placeholder-prefix", "#["), Map.entry("placeholder-suffix", "]"),
			Map.entry("placeholder-separator", "::"), Map.entry("placeholder-replacement", "false"),
			Map.entry("sql-migration-prefix", "M"), Map.entry("sql-migration-suffixes", ".pgsql,.ddl"),
			Map.entry("sql-migration-separator", "--"), Map.entry("repeatable-sql-migration-prefix", "Q"),
			Map.entry("target", "2"), Map.entry("user", "owner"), Map.entry("password", "secret"),
			Map.entry("driver-class-name", "org.postgresql.Driver"),
			Map.entry("url", "jdbc:postgresql://elsewhere/other"), Map.entry("init-sqls", "SET x.y = 1,SET x.z = 2"),
			Map.entry("baseline-on-migrate", "true"), Map.entry("clean-disabled", "false"), Map.entry("group", "true"),
			Map.entry("mixed", "true"), Map.entry("out-of-order", "true"), Map.entry("skip-default-callbacks", "true"),
			Map.entry("skip-default-resolvers", "true"), Map.entry("validate-migration-naming", "true"),
			Map.entry("validate-on-migrate", "false"), Map.entry("script-placeholder-prefix", "<<"),
			Map.entry("script-placeholder-suffix", ">>"), Map.entry("powershell-executable", "pwsh"),
			Map.entry("execute-in-transaction", "false"), Map.entry("loggers", "slf4j"), Map.entry("batch", "true"),
			Map.entry("dry-run-output", "target/dry.sql"), Map.entry("error-overrides", "S0001:0:I-"),
			Map.entry("stream", "true"), Map.entry("jdbc-properties.accessToken", "a"),
			Map.entry("kerberos-config-file", "krb5.conf"), Map.entry("output-query-results", "false"),
			Map.entry("skip-executing-migrations", "true"), Map.entry("ignore-migration-patterns", "*:missing"),
			Map.entry("detect-encoding", "true"), Map.entry("community-db-support-enabled", "true"),
			Map.entry("postgresql.transactional-lock", "false"), Map.entry("oracle.sqlplus", "true"),
			Map.entry("sqlserver.kerberos-login-file", "login")));

	private final ApplicationContextRunner headlock = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class,
				HeadlockAutoConfiguration.class))
		.withUserConfiguration(FlywayBeans.NothingMigrates.class)
		.withPropertyValues("spring.datasource.url=jdbc:postgresql://nowhere/none");

	static Stream<String> values() {
		return VALUES.entrySet().stream().map((value) -> "spring.flyway." + value.getKey() + "=" + value.getValue());
	}

	@Test
	void allPropertiesAreCompared() {
		Stream<String> names = Arrays.stream(BeanUtils.getPropertyDescriptors(FlywayProperties.class))
			.filter((property) -> property.getReadMethod() != null)
			.map(PropertyDescriptor::getName)
			.filter((name) -> !Set.of("class", "enabled").contains(name));
		assertThat(names).allSatisfy((name) -> assertThat(VALUES.keySet())
			.anyMatch((value) -> value.replaceAll("\\..*", "").replace("-", "").equalsIgnoreCase(name)));
	}

	@Test
	void defaultsAreTheSame() {
		assertSame(this.headlock);
	}

	@ParameterizedTest
	@MethodSource("values")
	void eachPropertyHasTheSameEffect(String property) {
		assertSame(this.headlock.withPropertyValues(property));
	}

	@Test
	void allPropertiesTogetherHaveTheSameEffect() {
		Stream<String> values = values().filter(
				(value) -> !value.matches("spring.flyway.(dry-run-output|error-overrides|kerberos-config-file)=.*"));
		assertSame(this.headlock.withPropertyValues(values.toArray(String[]::new)));
	}

	@ParameterizedTest
	@ValueSource(classes = { FlywayBeans.OwnDataSource.class, FlywayBeans.PrimaryDataSource.class,
			FlywayBeans.FallbackDataSource.class, FlywayBeans.TwoDataSources.class, FlywayBeans.Callbacks.class,
			FlywayBeans.JavaMigrations.class, FlywayBeans.EarlyCustomizer.class })
	void beansHaveTheSameEffect(Class<?> beans) {
		assertSame(this.headlock.withUserConfiguration(beans));
	}

	@ParameterizedTest
	@ValueSource(strings = { "locations=bogus:db", "locations=classpath:db/*/{x", "encoding=nothing",
			"baseline-version=a.b", "target=a.b", "callback-locations=bogus:db", "ignore-migration-patterns=a:b:c",
			"url=jdbc:bogus:x", "connect-retries=many", "sql-migration-suffixes=", "table=", "schemas=",
			"default-schema=", "error-overrides=x", "placeholder-prefix=", "script-placeholder-prefix=__",
			"batch=maybe", "driver-class-name=a.B\nspring.flyway.url=jdbc:postgresql://a/b" })
	void whatIsImpossibleIsRefusedInTheSameWords(String property) {
		String[] properties = ("spring.flyway." + property).split("\n");
		assertSame(this.headlock.withPropertyValues(properties));
	}

	@Test
	void aBeanThatItNeedsFailsInTheSameWords() {
		ApplicationContextRunner failing = this.headlock.withUserConfiguration(FlywayBeans.FailingDataSource.class);
		assertSame(failing);
		failing.run((context) -> assertThat(context).hasFailed());
	}

	private void assertSame(ApplicationContextRunner runner) {
		runner.withPropertyValues("headlock.enabled=false").run((plain) -> runner.run((context) -> {
			assertThat(failure(context)).isEqualTo(failure(plain));
			if (plain.getStartupFailure() == null) {
				assertSame(context.getBean(Flyway.class), plain.getBean(Flyway.class));
			}
		}));
	}

	private static void assertSame(Flyway bean, Flyway plain) throws Exception {
		assertThat(bean).isExactlyInstanceOf(DeferredFlyway.class);
		Configuration configuration = (Configuration) ReflectionTestUtils.getField(bean, "source");
		Map<String, Object> before = settings(configuration);
		Configuration loaded = bean.getConfiguration();
		assertThat(loaded).isNotSameAs(configuration);
		assertThat(loaded.getDataSource()).isSameAs(configuration.getDataSource());
		assertThat(loaded.getCallbacks()).containsExactly(configuration.getCallbacks());
		assertThat(loaded.getJavaMigrations()).containsExactly(configuration.getJavaMigrations());
		assertEqual(before, settings(loaded));
		assertThat(plain).isExactlyInstanceOf(Flyway.class);
		assertEqual(before, settings(plain.getConfiguration()));
	}

	private static void assertEqual(Map<String, Object> actual, Map<String, Object> expected) {
		assertThat(actual.keySet()).isEqualTo(expected.keySet()).hasSizeGreaterThan(50);
		actual.forEach((name, value) -> assertThat(value).as(name)
			.usingRecursiveComparison(RecursiveComparisonConfiguration.builder().withStrictTypeChecking(true).build())
			.isEqualTo(expected.get(name)));
	}

	/**
	 * What the getters of a configuration return, but for one that opens a connection.
	 */
	private static Map<String, Object> settings(Configuration configuration) throws Exception {
		Map<String, Object> settings = new TreeMap<>();
		for (Method method : Configuration.class.getMethods()) {
			if (method.getParameterCount() == 0 && method.getName().matches("(get|is)(?!DatabaseType)[A-Z].*")) {
				settings.put(method.getName(), value(method, configuration));
			}
		}
		// models, registers and caches behind the other getters
		settings.keySet()
			.removeAll(Set.of("getModernConfig", "getPluginRegister", "getCachedResolvedEnvironments",
					"getCachedDataSources", "getClassLoader"));
		settings.computeIfPresent("getDataSource", (name, source) -> describe((DataSource) source));
		settings.computeIfPresent("getCallbacks", (name, callbacks) -> types((Object[]) callbacks));
		settings.computeIfPresent("getJavaMigrations", (name, migrations) -> types((Object[]) migrations));
		settings.computeIfPresent("getDryRunOutput", (name, output) -> output.getClass());
		settings.put("transactionalLock",
				configuration.getPluginRegister()
					.getExact(PostgreSQLConfigurationExtension.class)
					.isTransactionalLock());
		return settings;
	}

	/** Most of what is impossible is refused when it is asked for. */
	private static Object value(Method method, Configuration configuration) throws Exception {
		try {
			return method.invoke(configuration);
		}
		catch (InvocationTargetException ex) {
			return String.valueOf(ex.getCause());
		}
	}

	private static Object describe(DataSource source) {
		return (source instanceof SimpleDriverDataSource simple) ? List.of(String.valueOf(simple.getUrl()),
				String.valueOf(simple.getUsername()), String.valueOf(simple.getPassword())) : source.getClass();
	}

	private static List<Class<?>> types(Object[] objects) {
		List<Class<?>> types = new ArrayList<>();
		Stream.of(objects).forEach((object) -> types.add(object.getClass()));
		return types;
	}

	private static List<String> failure(AssertableApplicationContext context) {
		List<String> description = new ArrayList<>();
		for (Throwable cause = context.getStartupFailure(); cause != null; cause = cause.getCause()) {
			description.add(cause.getClass().getName() + ": " + cause.getMessage());
		}
		return description;
	}

}
