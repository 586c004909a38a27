package io.github.headlock.jdbc;

import java.nio.file.Path;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.testbed.TestMigrations;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.jdbc.DataSourceBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static io.github.headlock.test.Starts.assertMigratesOnce;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Where Flyway gets its connections from, under Headlock, in every way that Spring Boot
 * offers.
 */
class MigrationDataSourceTests {

	private final TestDatabase database = TestDatabase.create();

	private final TestMigrations migrations;

	MigrationDataSourceTests(@TempDir Path folder) {
		this.migrations = new TestMigrations(folder);
	}

	@Test
	void aMigrationRoleOfItsOwn() {
		String role = this.database.name() + "_migrator";
		this.database.execute("CREATE ROLE %s LOGIN PASSWORD 'secret'".formatted(role),
				"GRANT CREATE ON SCHEMA public TO " + role, "CREATE ROLE %s_application LOGIN".formatted(role));
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		assertMigratesOnce(replica().with("spring.datasource.username", role + "_application")
			.with("spring.flyway.user", role)
			.with("spring.flyway.password", "secret"), 1);
		assertThat(this.database.value("SELECT tableowner FROM pg_tables WHERE tablename = 'thing'")).isEqualTo(role);
	}

	@Test
	void aMigrationUrlOfItsOwnGoesAroundThePooler() {
		this.migrations.file("V1__a.sql", "CREATE TABLE way AS SELECT inet_client_port() AS port");
		Replica replica = Replica.of(this.database.pooledUrl(), "none")
			.with("spring.flyway.locations", this.migrations.location())
			.with("spring.flyway.url", this.database.url())
			.with("spring.flyway.user", "postgres");
		assertMigratesOnce(replica, 1);
		assertThat(this.database.list("SELECT pid FROM pg_stat_activity JOIN way ON client_port = port")).isEmpty();
	}

	@Test
	void aFlywayDataSource() {
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		TestDatabase migrated = TestDatabase.create();
		Replica replica = replica().with(FlywayDataSourceBean.class).with("migrations.url", migrated.url());
		replica.startAndStop();
		assertThat(replica.startAndStop().outcome()).isEqualTo(MigrationOutcome.FAST_PATH);
		assertThat(migrated.value("SELECT count(*) FROM thing")).isEqualTo("0");
		assertThat(this.database.list("SELECT relname FROM pg_class WHERE relname = 'thing'")).isEmpty();
	}

	@Test
	void anApplicationPoolOfSizeOneIsEnough() {
		this.database.execute("CREATE TABLE calls (name text)");
		this.migrations.file("V1__a.sql", "SELECT 1");
		// With this callback a plain Flyway needs three connections at once.
		this.migrations.file("afterMigrate.sql", "INSERT INTO calls VALUES ('after')");
		Replica replica = replica().with("spring.flyway.baseline-on-migrate", true)
			.with("spring.flyway.baseline-version", 0)
			.with("spring.datasource.hikari.maximum-pool-size", 1)
			.with("spring.datasource.hikari.connection-timeout", 2000);
		assertThat(catchThrowable(replica.plain()::startAndStop)).isNotNull();
		assertThat(replica.with("headlock.enabled", true).startAndStop().migrations()).isOne();
	}

	@Test
	void theApplicationsPoolIsNotOpened() {
		try (ConfigurableApplicationContext context = Replica.of(this.database.url(), "basic").start()) {
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			assertThat(pool.getHikariPoolMXBean()).isNull();
		}
	}

	@Test
	void theApplicationsFlywayIsNotChanged() {
		try (ConfigurableApplicationContext context = Replica.of(this.database.url(), "basic").start()) {
			Flyway flyway = context.getBean(Flyway.class);
			assertThat(flyway.getConfiguration().getDataSource()).isSameAs(context.getBean(DataSource.class));
			assertThat(flyway.getConfigurationExtension(PostgreSQLConfigurationExtension.class).isTransactionalLock())
				.isTrue();
			assertThat(flyway.info().current().getVersion()).isEqualTo(MigrationVersion.fromVersion("3"));
		}
	}

	@Test
	void settingsOfTheApplicationsPoolHoldForMigrations() {
		this.database.execute("CREATE SCHEMA pooled", "CREATE SCHEMA initial");
		this.migrations.file("V1__a.sql", "CREATE TABLE thing AS SELECT current_setting('work_mem') AS memory");
		assertMigratesOnce(replica().with("spring.datasource.hikari.schema", "pooled")
			.with("spring.datasource.hikari.data-source-properties.options", "-c work_mem=7MB"), 1);
		assertThat(this.database.value("SELECT memory FROM pooled.thing")).isEqualTo("7MB");
	}

	@Test
	void initialSqlHoldsForEveryStep() {
		this.database.execute("CREATE ROLE %s_owner".formatted(this.database.name()),
				"CREATE SCHEMA owned AUTHORIZATION %s_owner".formatted(this.database.name()));
		this.migrations.file("V1__a.sql", "CREATE TABLE thing (id int)");
		assertMigratesOnce(replica().with("spring.flyway.placeholders.owner", this.database.name() + "_owner")
			.with("spring.flyway.init-sqls[0]", "SET ROLE ${owner};")
			.with("spring.flyway.init-sqls[1]", "SET search_path TO owned;"), 1);
		assertThat(this.database.value("SELECT tableowner FROM pg_tables WHERE tablename = 'thing'"))
			.isEqualTo(this.database.name() + "_owner");
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "none").with("spring.flyway.locations", this.migrations.location());
	}

	@Configuration(proxyBeanMethods = false)
	static class FlywayDataSourceBean {

		@Bean
		@Primary
		DataSource application(Environment environment) {
			return DataSourceBuilder.create()
				.type(HikariDataSource.class)
				.url(environment.getRequiredProperty("spring.datasource.url"))
				.username("postgres")
				.build();
		}

		@Bean(defaultCandidate = false)
		@FlywayDataSource
		DataSource migrations(Environment environment) {
			return DataSourceBuilder.create()
				.type(SimpleDriverDataSource.class)
				.url(environment.getRequiredProperty("migrations.url"))
				.username("postgres")
				.build();
		}

	}

}
