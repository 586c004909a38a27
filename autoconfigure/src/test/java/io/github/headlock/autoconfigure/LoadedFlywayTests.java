package io.github.headlock.autoconfigure;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

import javax.tools.ToolProvider;

import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Where Spring Boot's bean is created with its Flyway, as without Headlock.
 */
class LoadedFlywayTests {

	private final TestDatabase database = TestDatabase.create();

	@ParameterizedTest
	@ValueSource(classes = { Customized.class, OwnStrategy.class })
	void itIsLoadedAtOnceWhereTheApplicationTakesPart(Class<?> part) {
		try (ConfigurableApplicationContext context = replica().with(part).start()) {
			assertThat(context.getBean(Flyway.class)).isExactlyInstanceOf(Flyway.class);
		}
		assertThat(Customized.CALLS.getAndSet(0)).isEqualTo((part == Customized.class) ? 1 : 0);
	}

	@Test
	void itIsLoadedAtOnceWhereALocationNamesTheDatabase() {
		Replica replica = replica().with("spring.flyway.locations", "classpath:db/basic,classpath:db/{vendor}");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(context.getBean(Flyway.class)).isExactlyInstanceOf(Flyway.class);
		}
	}

	@Test
	void itIsLoadedAtOnceWhereHeadlockIsTurnedOff() {
		try (ConfigurableApplicationContext context = replica().plain().start()) {
			assertThat(context.getBean(Flyway.class)).isExactlyInstanceOf(Flyway.class);
		}
	}

	@Test
	void itIsLoadedAtOnceWhereFlywayAddsCallbacks(@TempDir Path classes) throws Exception {
		Path source = Files.createDirectories(classes.resolve("db/callback")).resolve("Added.java");
		Files.writeString(source, """
				package db.callback;
				import org.flywaydb.core.api.callback.*;
				public class Added extends BaseCallback {
					@Override
					public void handle(Event event, Context context) {
					}
				}
				""");
		assertThat(ToolProvider.getSystemJavaCompiler()
			.run(null, null, null, "-cp", System.getProperty("java.class.path"), source.toString())).isZero();
		try (URLClassLoader loader = new URLClassLoader(new URL[] { classes.toUri().toURL() },
				getClass().getClassLoader())) {
			new ApplicationContextRunner()
				.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
						FlywayAutoConfiguration.class, HeadlockAutoConfiguration.class))
				.withUserConfiguration(FlywayBeans.NothingMigrates.class)
				.withPropertyValues("spring.datasource.url=jdbc:postgresql://nowhere/none")
				.withClassLoader(loader)
				.run((context) -> {
					Flyway flyway = context.getBean(Flyway.class);
					assertThat(flyway).isExactlyInstanceOf(Flyway.class);
					assertThat(flyway.getConfiguration().getCallbacks()).hasSize(1);
				});
		}
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic");
	}

	@Configuration(proxyBeanMethods = false)
	static class Customized {

		private static final AtomicInteger CALLS = new AtomicInteger();

		@Bean
		FlywayConfigurationCustomizer customizer() {
			return (configuration) -> CALLS.incrementAndGet();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnStrategy {

		@Bean
		FlywayMigrationStrategy strategy() {
			return Flyway::migrate;
		}

	}

}
