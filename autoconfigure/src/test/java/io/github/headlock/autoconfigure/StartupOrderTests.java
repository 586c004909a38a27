package io.github.headlock.autoconfigure;

import java.nio.file.Path;
import java.util.List;

import jakarta.persistence.Entity;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import javax.sql.DataSource;

import io.github.headlock.MigrationOutcome;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.sql.init.dependency.DependsOnDatabaseInitialization;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What of an application comes after the migrations, and in which order.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupOrderTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	StartupOrderTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
		this.migrations.file("V1__depot.sql", "CREATE TABLE depot (code text PRIMARY KEY)");
		this.migrations.file("V2__event.sql",
				"CREATE TABLE event (id bigint GENERATED ALWAYS AS IDENTITY, what text NOT NULL)");
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void hibernateFindsTheSchemaItValidates(boolean lazy) {
		Replica replica = replica().with(Jpa.class)
			.with("spring.jpa.hibernate.ddl-auto", "validate")
			.with("spring.main.lazy-initialization", lazy);
		for (MigrationOutcome outcome : List.of(MigrationOutcome.MIGRATED, MigrationOutcome.FAST_PATH)) {
			try (ConfigurableApplicationContext context = replica.start()) {
				assertThat(Replica.report(context).outcome()).isEqualTo(outcome);
				Long depots = context.getBean(EntityManagerFactory.class)
					.callInTransaction((entities) -> entities.createQuery("SELECT count(d) FROM Depot d", Long.class)
						.getSingleResult());
				assertThat(depots).isZero();
			}
		}
	}

	@Test
	void beansThatNeedTheDatabaseComeFirstThenTasksThenRunners() {
		Replica replica = replica().with(InOrder.class);
		List<String> once = List.of("construct with a data source", "construct with a template",
				"construct with a client", "task", "started", "runner");
		replica.startAndStop();
		assertThat(events()).containsExactlyElementsOf(once);
		this.database.execute("TRUNCATE event");
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(events()).containsExactlyElementsOf(once);
	}

	@Test
	void whenBeansAreCreatedOnDemandTheSchemaIsReadyNevertheless(CapturedOutput output) {
		Replica replica = replica().with("spring.main.lazy-initialization", true);
		// alone, Spring Boot would not have migrated before a bean asked for the database
		replica.plain().start().close();
		assertThat(this.database.list("SELECT 1 FROM pg_class WHERE relname = 'flyway_schema_history'")).isEmpty();
		try (ConfigurableApplicationContext context = replica.with("headlock.enabled", true).start()) {
			assertThat(this.database.history()).containsExactly("1", "2");
			SchemaHealthIndicator health = context.getBean(SchemaHealthIndicator.class);
			await().until(() -> health.health(true).getStatus().equals(Status.UP));
		}
		assertThat(output).doesNotContain("Headlock was not asked to migrate");
	}

	private List<String> events() {
		return this.database.list("SELECT what FROM event ORDER BY id");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HibernateJpaAutoConfiguration.class)
	@EntityScan(basePackageClasses = StartupOrderTests.class)
	static class Jpa {

	}

	@Entity(name = "Depot")
	static class Depot {

		@Id
		String code = "";

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ JdbcTemplateAutoConfiguration.class, JdbcClientAutoConfiguration.class })
	static class InOrder {

		@Bean
		ApplicationRunner runner(JdbcTemplate jdbc) {
			return (arguments) -> record(jdbc, "runner");
		}

		@Bean
		SchemaReadyTask task(JdbcTemplate jdbc) {
			return (status) -> record(jdbc, "task");
		}

		@Bean
		@DependsOnDatabaseInitialization
		Object withDataSource(DataSource dataSource) {
			return record(new JdbcTemplate(dataSource), "construct with a data source");
		}

		@Bean
		Object withTemplate(JdbcTemplate jdbc) {
			return record(jdbc, "construct with a template");
		}

		@Bean
		Object withClient(JdbcClient jdbc) {
			jdbc.sql("INSERT INTO event (what) VALUES ('construct with a client')").update();
			return new Object();
		}

		@Bean
		Started started(JdbcTemplate jdbc) {
			return new Started(jdbc);
		}

		static Object record(JdbcTemplate jdbc, String what) {
			return jdbc.update("INSERT INTO event (what) VALUES (?)", what);
		}

		record Started(JdbcTemplate jdbc) {

			@EventListener(ApplicationStartedEvent.class)
			void started() {
				InOrder.record(this.jdbc, "started");
			}

		}

	}

}
