package io.github.headlock.observation;

import java.sql.Connection;

import io.github.headlock.autoconfigure.HeadlockMetricsAutoConfiguration;
import io.github.headlock.test.TestDatabase;
import io.github.headlock.test.TestRoles;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The meters of a real start.
 */
class HeadlockMetersTests {

	private final TestDatabase database = TestDatabase.create();

	@Test
	void terminatedSessionsAreCounted() throws Exception {
		TestRoles roles = TestRoles.create(this.database);
		try (Connection first = roles.connect();
				Connection second = roles.connect();
				ConfigurableApplicationContext context = roles.blockingReplica(this.database.url(), "basic")
					.with(Metrics.class)
					.start()) {
			assertThat(context.getBean(MeterRegistry.class).get("headlock.sessions.terminated").functionCounter())
				.satisfies((counter) -> assertThat(counter.count()).isEqualTo(2));
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ MetricsAutoConfiguration.class, HeadlockMetricsAutoConfiguration.class })
	static class Metrics {

		@Bean
		SimpleMeterRegistry registry() {
			return new SimpleMeterRegistry();
		}

	}

}
