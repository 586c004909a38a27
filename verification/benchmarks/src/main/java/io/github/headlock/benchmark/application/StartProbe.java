package io.github.headlock.benchmark.application;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Prints one line when the application is ready: what the start has cost as a whole, and
 * when the migration strategy ran and what it has cost.
 */
final class StartProbe implements ApplicationContextInitializer<ConfigurableApplicationContext>, BeanPostProcessor,
		ApplicationListener<ApplicationReadyEvent> {

	/** All that a reading needs is loaded before what is measured begins. */
	private Reading strategyFrom = Reading.now();

	private @Nullable Reading strategyTo;

	@Override
	public void initialize(ConfigurableApplicationContext context) {
		context.getBeanFactory().addBeanPostProcessor(this);
	}

	/** Its initialisation calls the strategy. */
	@Override
	public Object postProcessBeforeInitialization(Object bean, String name) {
		if (bean instanceof FlywayMigrationInitializer) {
			this.strategyFrom = Reading.now();
		}
		return bean;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		if (bean instanceof FlywayMigrationInitializer) {
			this.strategyTo = Reading.now();
		}
		return bean;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		Reading ready = Reading.now();
		// without a strategy it has taken no time
		Reading to = (this.strategyTo != null) ? this.strategyTo : this.strategyFrom;
		System.out.printf(Locale.ROOT, "%nBENCHMARK %s %s%n", line("start", Reading.ofJvmStart(), ready),
				line("strategy", this.strategyFrom, to));
	}

	private static String line(String name, Reading from, Reading to) {
		return String.format(Locale.ROOT, "%1$s-from=%2$d %1$s-to=%3$d %1$s-cpu=%4$d %1$s-classes=%5$d", name,
				from.micros(), to.micros(), to.cpuMicros() - from.cpuMicros(), to.classes() - from.classes());
	}

}
