package io.github.headlock.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.github.headlock.MigrationOutcome;
import io.github.headlock.test.Replica;
import org.apache.commons.dbcp2.BasicDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole starts with pools of every kind whose own connections migrations have to use: one
 * that is too small is refused before anything is changed, and none is waited for without
 * a limit.
 */
class PoolKindSizeTests extends PoolSizeSituation {

	PoolKindSizeTests(@TempDir Path folder) {
		super(folder);
	}

	@Test
	void aWrappedPoolIsRefusedAsWell() throws Exception {
		assertRefused(replica(WrappedPool.class, 1), 2, 1);
		this.migrations.file("afterMigrate.sql", "SELECT 1");
		assertRefused(replica(WrappedPool.class, 2), 3, 2);
		assertThat(replica(WrappedPool.class, 3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Nobody can tell how large it is, and it waits for ever. */
	@Test
	void aPoolOfAnotherKindIsAskedForWhatIsNeededAndNotForEver() throws Exception {
		assertRefused(unknown(1), 2, 1);
		this.migrations.file("afterMigrateApplied.sql", "SELECT 1");
		assertRefused(unknown(2), 3, 2);
		assertThat(unknown(3).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Both wait for ever by default, or when told to. */
	@ParameterizedTest
	@ValueSource(classes = { Dbcp2.class, TomcatJdbc.class })
	void thePoolsThatSpringBootKnowsAreRefusedAsWell(Class<?> source) throws Exception {
		Replica replica = replica().with(source).with("headlock.lock.timeout", "1s");
		assertThat(assertRefused(replica.with("pool.size", 1), 2, 1))
			.hasMessageContaining("but it gives 1 (no further one within 1.0 s)");
		assertThat(replica.with("pool.size", 2).startAndStop().outcome()).isEqualTo(MigrationOutcome.MIGRATED);
	}

	/** Plain Flyway has its lock and its migrations on the same connection then. */
	@Test
	void aDataSourceWithOneConnectionForAllIsRefused() throws Exception {
		assertRefused(replica(OneForAll.class, 1), 2, 1);
		start(replica(OneForAll.class, 1).plain());
	}

	private Replica unknown(int maximumSize) {
		return replica(PoolOfAnotherKind.class, maximumSize).with("headlock.lock.timeout", "1s");
	}

	@Configuration(proxyBeanMethods = false)
	static class WrappedPool {

		@Bean(defaultCandidate = false)
		HikariDataSource wrapped(Environment environment) {
			return hikari(environment, 600_000);
		}

		@Bean
		DataSource wrapper(@Qualifier("wrapped") HikariDataSource pool) {
			return new DelegatingDataSource(pool) {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PoolOfAnotherKind {

		@Bean(defaultCandidate = false)
		HikariDataSource hidden(Environment environment) {
			return hikari(environment, 0);
		}

		@Bean
		DataSource pool(@Qualifier("hidden") HikariDataSource pool) {
			return (DataSource) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { DataSource.class },
					(proxy, method, arguments) -> {
						if (Set.of("unwrap", "isWrapperFor").contains(method.getName())) {
							throw new SQLException("It tells nobody what is behind it");
						}
						try {
							return method.invoke(pool, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Dbcp2 {

		@Bean
		BasicDataSource pool(Environment environment) {
			BasicDataSource pool = dataSource(BasicDataSource.class, environment);
			pool.setMaxTotal(size(environment));
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TomcatJdbc {

		@Bean(destroyMethod = "close")
		DataSource pool(Environment environment) {
			org.apache.tomcat.jdbc.pool.DataSource pool = dataSource(org.apache.tomcat.jdbc.pool.DataSource.class,
					environment);
			pool.setInitialSize(0);
			pool.setMinIdle(0);
			pool.setMaxActive(size(environment));
			pool.setMaxWait(-1);
			return pool;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneForAll {

		@Bean
		DataSource single(Environment environment) {
			return new TransactionAwareDataSourceProxy(new SingleConnectionDataSource(
					environment.getRequiredProperty("spring.datasource.url"), "postgres", "", true));
		}

	}

}
