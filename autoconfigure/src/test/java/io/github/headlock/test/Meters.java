package io.github.headlock.test;

import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

import io.github.headlock.autoconfigure.HeadlockMetricsAutoConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Gives a replica meters that can be read after it has failed to start, too.
 */
@Configuration(proxyBeanMethods = false)
@ImportAutoConfiguration({ MetricsAutoConfiguration.class, HeadlockMetricsAutoConfiguration.class })
public class Meters {

	private static final AtomicReference<MeterRegistry> LAST = new AtomicReference<>();

	@Bean
	SimpleMeterRegistry registry() {
		SimpleMeterRegistry registry = new SimpleMeterRegistry();
		LAST.set(registry);
		return registry;
	}

	/** Those of the replica that was started last. */
	public static MeterRegistry ofLastStart() {
		return LAST.get();
	}

	/** Names, descriptions, tags and values, a line for each meter. */
	public static String describe(MeterRegistry registry) {
		return registry.getMeters()
			.stream()
			.map((meter) -> meter.getId() + " " + meter.getId().getDescription() + " " + meter.measure())
			.collect(Collectors.joining("\n"));
	}

}
