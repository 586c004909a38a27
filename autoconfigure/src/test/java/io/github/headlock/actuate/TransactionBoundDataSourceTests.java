package io.github.headlock.actuate;

import java.util.Map;
import java.util.function.UnaryOperator;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.LazyConnectionDataSourceProxy;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The health of a schema behind a data source that routes by thread, and gives the
 * connection of the thread's transaction.
 */
class TransactionBoundDataSourceTests {

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void setTenant() {
		TenantRouting.TENANT.set("only");
	}

	@AfterEach
	void removeTenant() {
		TenantRouting.TENANT.remove();
	}

	@Test
	void theTransactionOfTheThreadThatAsksIsLeftAlone() {
		try (ConfigurableApplicationContext context = replica("TRANSACTION_AWARE").start()) {
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			assertLeavesAlone(context, new JdbcTransactionManager(context.getBean(DataSource.class)));
		}
	}

	@Test
	void aTransactionWithoutSynchronizationIsLeftAlone() {
		try (ConfigurableApplicationContext context = replica("TRANSACTION_AWARE").start()) {
			JdbcTransactionManager transactions = new JdbcTransactionManager(context.getBean(DataSource.class));
			transactions.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_NEVER);
			assertLeavesAlone(context, transactions);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "TRANSACTION_AWARE", "LAZY" })
	void aConnectionThatIsTakenAtItsFirstUseIsTakenOnTheThreadThatAsks(String wrapper) {
		try (ConfigurableApplicationContext context = replica(wrapper).start()) {
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
	}

	private void assertLeavesAlone(ConfigurableApplicationContext context,
			AbstractPlatformTransactionManager transactions) {
		this.database.execute("CREATE TABLE orders (id int)");
		JdbcTemplate jdbc = new JdbcTemplate(context.getBean(DataSource.class));
		new TransactionTemplate(transactions).executeWithoutResult((transaction) -> {
			jdbc.update("INSERT INTO orders VALUES (1)");
			look(context);
			transaction.setRollbackOnly();
		});
		assertThat(this.database.list("SELECT id FROM orders")).isEmpty();
		assertThat(look(context).getStatus()).isEqualTo(Status.UP);
	}

	private Replica replica(String wrapper) {
		return Replica.of(this.database.url(), "basic").with(Routing.class).with("wrapper", wrapper);
	}

	private static Health look(ConfigurableApplicationContext context) {
		return context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
	}

	@Configuration(proxyBeanMethods = false)
	static class Routing {

		@Bean(defaultCandidate = false)
		HikariDataSource pool(Environment environment) {
			return TenantRouting.pool(environment);
		}

		@Bean
		DataSource dataSource(@Qualifier("pool") HikariDataSource pool, Environment environment) {
			return environment.getRequiredProperty("wrapper", Wrapper.class)
				.apply(new TenantRouting(Map.of("only", pool)));
		}

	}

	enum Wrapper implements UnaryOperator<DataSource> {

		TRANSACTION_AWARE {

			@Override
			public DataSource apply(DataSource routing) {
				return new TransactionAwareDataSourceProxy(routing);
			}

		},

		LAZY {

			@Override
			public DataSource apply(DataSource routing) {
				return new LazyConnectionDataSourceProxy(routing);
			}

		}

	}

}
