package io.github.headlock.test;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.springframework.boot.flyway.autoconfigure.FlywayConfigurationCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Holds each replica of this JVM just before Flyway until all are there. A source for
 * {@link Replica#with(Class)}.
 */
@Configuration(proxyBeanMethods = false)
public class StartLine {

	private static volatile CyclicBarrier barrier = new CyclicBarrier(1);

	/** Draws a new line, over which as many replicas go at once. */
	public static void draw(int replicas) {
		barrier = new CyclicBarrier(replicas);
	}

	@Bean
	FlywayConfigurationCustomizer holdingAtTheLine() {
		return (configuration) -> {
			try {
				barrier.await(3, TimeUnit.MINUTES);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		};
	}

}
