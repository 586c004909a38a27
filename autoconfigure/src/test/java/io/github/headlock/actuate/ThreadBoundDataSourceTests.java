package io.github.headlock.actuate;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import io.github.headlock.autoconfigure.HeadlockEndpointAutoConfiguration;
import io.github.headlock.test.Background;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.AbstractDataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The health of a schema behind a data source that has connections for some threads only.
 */
class ThreadBoundDataSourceTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void theThreadThatAsksIsAskedToo() throws Exception {
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica().start()) {
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
			assertThat(context.getBean(HeadlockEndpoint.class).describe()).satisfies((seen) -> {
				assertThat(seen.status().state()).isEqualTo("AT_HEAD");
				assertThat(seen.problem()).isNull();
			});
			assertThat(context.getBean(MeterRegistry.class).get("headlock.schema.at.head").gauge().value())
				.isEqualTo(1);

			Health elsewhere = Background.start(() -> look(context)).result();
			assertThat(elsewhere.getStatus()).isEqualTo(Status.DOWN);
			assertThat((String) elsewhere.getDetails().get("reason"))
				.contains("Cannot determine target DataSource for lookup key");

			this.database.execute("DELETE FROM flyway_schema_history WHERE version = '3'");
			assertThat(look(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	@Test
	void anExhaustedPoolDoesNotHoldTheThreadThatAsks() throws Exception {
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica().start();
				Connection first = context.getBean(TenantRouting.class).getConnection();
				Connection second = context.getBean(TenantRouting.class).getConnection()) {
			Background<Boolean> asking = Background.start(() -> {
				TenantRouting.TENANT.set("only");
				assertThat(look(context).getStatus()).isEqualTo(Status.DOWN);
				return Thread.currentThread().isInterrupted();
			});
			assertThat(asking.result()).isFalse();
			assertThat(first.isClosed() || second.isClosed()).isFalse();
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	@Test
	void aConnectionThatCannotBeInterruptedHoldsOneCallerOnly() throws Exception {
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica().start()) {
			HangingDataSource hanging = context.getBean(HangingDataSource.class);
			Background<Health> first = Background.start(() -> lookAt("hanging", context));
			hanging.interrupted.await();
			assertThat(Background.start(() -> lookAt("hanging", context)).result().getStatus()).isEqualTo(Status.DOWN);
			assertThat(first.isDone()).isFalse();

			hanging.released.countDown();
			assertThat(first.result().getStatus()).isEqualTo(Status.DOWN);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	@Test
	void aReadWithoutAnAnswerDoesNotHoldTheThreadThatAsks() throws Exception {
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica().start()) {
			StallingDataSource stalling = context.getBean(StallingDataSource.class);
			Background<Health> asking = Background.start(() -> lookAt("stalling", context));
			assertThat(asking.result().getStatus()).isEqualTo(Status.DOWN);
			assertThat(stalling.stalled.getCount()).isZero();

			stalling.released.countDown();
			HikariPoolMXBean pool = context.getBean("pool", HikariDataSource.class).getHikariPoolMXBean();
			await().until(() -> pool.getActiveConnections() == 0);
			assertThat(look(context).getStatus()).isEqualTo(Status.UP);
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	@Test
	void aScrapeThatIsHeldHoldsNoOther() throws Exception {
		TenantRouting.TENANT.set("only");
		try (ConfigurableApplicationContext context = replica().start()) {
			HangingDataSource hanging = context.getBean(HangingDataSource.class);
			Background<Double> first = Background.start(() -> scrape("hanging", context));
			hanging.interrupted.await();
			assertThat(Background.start(() -> scrape("hanging", context)).result()).isNaN();
			assertThat(first.isDone()).isFalse();

			hanging.released.countDown();
			assertThat(first.result()).isNaN();
		}
		finally {
			TenantRouting.TENANT.remove();
		}
	}

	private static double scrape(String tenant, ConfigurableApplicationContext context) {
		TenantRouting.TENANT.set(tenant);
		return context.getBean(MeterRegistry.class).get("headlock.schema.pending").gauge().value();
	}

	private static Health lookAt(String tenant, ConfigurableApplicationContext context) {
		TenantRouting.TENANT.set(tenant);
		return look(context);
	}

	private Replica replica() {
		return Replica.of(this.database.url(), "basic")
			.with(Routing.class)
			.with(Meters.class)
			.with("management.endpoints.web.exposure.include", "headlock");
	}

	private static Health look(ConfigurableApplicationContext context) {
		return context.getBean("schemaHealthIndicator", SchemaHealthIndicator.class).health(true);
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(HeadlockEndpointAutoConfiguration.class)
	static class Routing {

		@Bean(defaultCandidate = false)
		HikariDataSource pool(Environment environment) {
			HikariDataSource pool = TenantRouting.pool(environment);
			pool.setConnectionTimeout(600_000);
			return pool;
		}

		@Bean(defaultCandidate = false)
		HangingDataSource hanging() {
			return new HangingDataSource();
		}

		@Bean(defaultCandidate = false)
		StallingDataSource stalling(@Qualifier("pool") HikariDataSource pool) {
			return new StallingDataSource(pool);
		}

		@Bean
		TenantRouting routing(@Qualifier("pool") HikariDataSource pool, @Qualifier("hanging") HangingDataSource hanging,
				@Qualifier("stalling") StallingDataSource stalling) {
			return new TenantRouting(Map.of("only", pool, "hanging", hanging, "stalling", stalling));
		}

	}

	/** Takes no notice of an interrupt, like a driver that waits for a socket. */
	static class HangingDataSource extends AbstractDataSource {

		private final CountDownLatch interrupted = new CountDownLatch(1);

		private final CountDownLatch released = new CountDownLatch(1);

		@Override
		public Connection getConnection() throws SQLException {
			while (this.released.getCount() > 0) {
				try {
					this.released.await();
				}
				catch (InterruptedException ex) {
					this.interrupted.countDown();
				}
			}
			throw new SQLException("There is nobody");
		}

		@Override
		public Connection getConnection(String username, String password) throws SQLException {
			return getConnection();
		}

	}

	/** Gives connections that do not answer, whatever their network timeout. */
	static class StallingDataSource extends DelegatingDataSource {

		private final CountDownLatch stalled = new CountDownLatch(1);

		private final CountDownLatch released = new CountDownLatch(1);

		StallingDataSource(DataSource target) {
			super(target);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Connection.class },
					(proxy, method, arguments) -> {
						if (method.getName().equals("prepareStatement")) {
							this.stalled.countDown();
							awaitRelease();
						}
						return AopUtils.invokeJoinpointUsingReflection(connection, method,
								(arguments != null) ? arguments : new Object[0]);
					});
		}

		private void awaitRelease() {
			while (this.released.getCount() > 0) {
				try {
					this.released.await();
				}
				catch (InterruptedException ex) {
					// as a socket does
				}
			}
		}

	}

}
