package io.github.headlock.autoconfigure;

import jakarta.persistence.EntityManager;

import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jooq.DSLContext;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.data.jdbc.test.autoconfigure.DataJdbcTest;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.boot.jooq.test.autoconfigure.JooqTest;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.annotation.DirtiesContext;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Spring Boot's test slices, and tests that migrate themselves, with a migration that
 * creates an index concurrently, which would wait for Flyway's own lock without end.
 */
class TestSliceTests {

	private static final String NAMES = "SELECT name FROM effect ORDER BY id";

	private final TestDatabase database = TestDatabase.create();

	@Nested
	@JdbcTest
	class OfJdbc extends Slice {

		@Test
		void theSchemaIsMigratedByHeadlock(@Autowired JdbcClient client) {
			assertMigrated(client.sql(NAMES).query(String.class).list());
		}

	}

	@Nested
	@DataJdbcTest
	class OfDataJdbc extends Slice {

		@Test
		void theSchemaIsMigratedByHeadlock(@Autowired JdbcOperations operations) {
			assertMigrated(operations.queryForList(NAMES, String.class));
		}

	}

	@Nested
	@DataJpaTest
	class OfDataJpa extends Slice {

		@Test
		void theSchemaIsMigratedByHeadlock(@Autowired EntityManager entities) {
			assertMigrated(entities.createNativeQuery(NAMES, String.class).getResultList());
		}

	}

	@Nested
	@JooqTest
	class OfJooq extends Slice {

		@Test
		void theSchemaIsMigratedByHeadlock(@Autowired DSLContext context) {
			assertMigrated(context.fetch(NAMES).getValues(0));
		}

	}

	@Test
	void aTestThatCleansMigratesByTheStrategy() {
		try (ConfigurableApplicationContext context = cleanable().start()) {
			Flyway flyway = context.getBean(Flyway.class);
			flyway.clean();
			context.getBean(FlywayMigrationStrategy.class).migrate(flyway);
			assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		}
	}

	@Test
	void aTestThatCleansMigratesByFlywayWithoutItsTransactionalLock() {
		Replica replica = cleanable().with("spring.flyway.postgresql.transactional-lock", false);
		try (ConfigurableApplicationContext context = replica.start()) {
			Flyway flyway = context.getBean(Flyway.class);
			flyway.clean();
			flyway.migrate();
			assertThat(this.database.history()).containsExactly("1", "2", "3", "4");
		}
	}

	@Test
	void aTestThatCleansCannotMigrateByFlywayWithItsTransactionalLock() {
		Replica replica = cleanable().with("spring.flyway.init-sqls", "SET statement_timeout = '3s'");
		try (ConfigurableApplicationContext context = replica.start()) {
			Flyway flyway = context.getBean(Flyway.class);
			flyway.clean();
			assertThatExceptionOfType(FlywayException.class).isThrownBy(flyway::migrate)
				.withMessageContaining("statement timeout");
		}
	}

	private Replica cleanable() {
		return Replica.of(this.database.url(), "concurrently").with("spring.flyway.clean-disabled", false);
	}

	@AutoConfigureTestDatabase(replace = Replace.NONE)
	@ContextConfiguration(classes = Application.class)
	@DirtiesContext
	abstract static class Slice {

		@DynamicPropertySource
		static void database(DynamicPropertyRegistry registry) {
			TestDatabase database = TestDatabase.create();
			// so that it fails where it would hang
			registry.add("spring.datasource.url", () -> database.url() + "?options=-c%20statement_timeout%3D30s");
			registry.add("spring.datasource.username", () -> "postgres");
			registry.add("spring.flyway.locations", () -> "classpath:db/concurrently");
		}

		@Autowired
		private HeadlockMigrationStrategy strategy;

		void assertMigrated(Iterable<?> names) {
			assertThat(names).hasToString("[V1, V2, V4]");
			assertThat(this.strategy.managed()).isPresent();
		}

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
