package io.github.headlock.actuate;

import java.sql.Connection;
import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.Replica;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.flyway.autoconfigure.FlywayDataSource;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The health of the schema after a password was changed under a running application: it
 * is read anew with the password of now, or over the application's data source.
 */
class ChangedPasswordTests extends ChangedPasswordSituation {

	@Test
	void thePoolsPasswordOfNowIsUsedBesideInitialSql() {
		Replica replica = oneRole().with("spring.flyway.init-sqls", "SET statement_timeout = '1min'");
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			change(this.migrator);
			HikariDataSource pool = context.getBean(HikariDataSource.class);
			pool.getHikariConfigMXBean().setPassword(NEW);
			assertThat(new JdbcTemplate(pool).queryForObject("SELECT 1", Integer.class)).isOne();
			assertReadsAnew(context);
		}
	}

	@Test
	void thePasswordOfNowIsUsedWithoutAPool() {
		Replica replica = oneRole().with("spring.datasource.type", SimpleDriverDataSource.class.getName());
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			change(this.migrator);
			context.getBean(SimpleDriverDataSource.class).setPassword(NEW);
			assertReadsAnew(context);
		}
	}

	@Test
	@Tag("every-postgresql")
	void theApplicationsDataSourceIsAskedWhenFlywaysCredentialsAreRefused() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertReadsAnew(context);
		}
	}

	@Test
	void theApplicationsPasswordIsNoneOfFlyways() {
		try (ConfigurableApplicationContext context = twoRoles().start()) {
			change(this.application);
			assertReadsAnew(context);
		}
	}

	@Test
	void aPoolOfFlywaysOwnDoesNotHideThatItsPasswordIsRefused() throws Exception {
		Replica replica = oneRole().with("spring.datasource.username", this.application)
			.with(FlywayPool.class)
			.with("migrator.username", this.migrator);
		try (ConfigurableApplicationContext context = replica.start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			assertThat(health(context).getStatus()).isEqualTo(Status.UP);
			HikariDataSource pool = context.getBean("flywayPool", HikariDataSource.class);
			try (Connection connection = pool.getConnection()) {
				pool.evictConnection(connection);
			}
			change(this.migrator);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	@Test
	void anApplicationThatIsBoundToTheThreadIsAskedThere() {
		Replica replica = twoRoles().with(RoutedApplication.class);
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica.start()) {
			this.database.execute("GRANT SELECT ON flyway_schema_history TO " + this.application);
			change(this.migrator);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class RoutedApplication {

		@Bean
		TenantRouting routing(Environment environment) {
			return new TenantRouting(
					Map.of("only", new DriverManagerDataSource(environment.getRequiredProperty("spring.datasource.url"),
							environment.getRequiredProperty("spring.datasource.username"), OLD)));
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FlywayPool {

		@Bean(defaultCandidate = false)
		@FlywayDataSource
		HikariDataSource flywayPool(Environment environment) {
			HikariDataSource pool = new HikariDataSource();
			pool.setJdbcUrl(environment.getRequiredProperty("spring.datasource.url"));
			pool.setUsername(environment.getRequiredProperty("migrator.username"));
			pool.setPassword(OLD);
			pool.setMaximumPoolSize(2);
			pool.setMinimumIdle(0);
			return pool;
		}

	}

}
