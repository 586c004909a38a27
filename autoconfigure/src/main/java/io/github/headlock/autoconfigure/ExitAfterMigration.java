package io.github.headlock.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import io.github.headlock.SchemaBehindException;
import io.github.headlock.StartReport;
import io.github.headlock.migration.HeadlockMigrationStrategy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Ends the process when the schema is at head, for a Job or an init container with the
 * application's own image. Of the application, only what its migrations need is created:
 * no web server, no runner, nothing that starts by itself.
 */
final class ExitAfterMigration implements SpringApplicationRunListener {

	private static final Logger logger = LoggerFactory.getLogger(ExitAfterMigration.class);

	private static final String PROPERTY = "headlock.exit-after-migration";

	private boolean active;

	/** As Spring Boot calls it. */
	ExitAfterMigration(SpringApplication application, String[] arguments) {
	}

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrapContext,
			ConfigurableEnvironment environment) {
		this.active = Boolean.TRUE.equals(environment.getProperty(PROPERTY, Boolean.class));
		if (this.active) {
			environment.getPropertySources()
				.addFirst(new MapPropertySource("headlockExitAfterMigration", Map.of("spring.main.web-application-type",
						"none", "spring.main.keep-alive", false, "spring.jmx.enabled", false)));
		}
	}

	@Override
	public void contextLoaded(ConfigurableApplicationContext context) {
		if (this.active && context.getParent() == null) {
			context.addBeanFactoryPostProcessor(new OnlyOnDemand());
		}
	}

	/** Comes before the runners, and after nothing but infrastructure was created. */
	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		if (!this.active || context.getParent() != null) {
			return;
		}
		List<FlywayMigrationInitializer> migrations = context.getBeanProvider(FlywayMigrationInitializer.class)
			.orderedStream()
			.toList();
		if (migrations.isEmpty()) {
			throw new InvalidConfigurationPropertyValueException(PROPERTY, true,
					"The application has no Flyway that Spring Boot migrates with.");
		}
		context.getBeanProvider(HeadlockMigrationStrategy.class)
			.stream()
			.flatMap((strategy) -> strategy.managed().stream())
			.forEach((schema) -> ensureReady(schema.report()));
		logger.info("Exiting, because {} is set", PROPERTY);
		context.close();
		System.exit(0);
	}

	/**
	 * A process that skips migrations may start on a schema that is behind, but not end.
	 */
	private static void ensureReady(StartReport report) {
		if (!report.isSchemaReady()) {
			throw new SchemaBehindException(report.schema(), report.status(), report.waited());
		}
	}

}
