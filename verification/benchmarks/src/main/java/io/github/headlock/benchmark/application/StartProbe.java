package io.github.headlock.benchmark.application;

import java.util.Locale;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Prints one line when the application is ready: what the start has cost as a whole, when
 * the migration strategy ran and what it has cost, and the same of the application's own
 * query.
 */
final class StartProbe implements ApplicationContextInitializer<ConfigurableApplicationContext>, BeanPostProcessor,
		ApplicationListener<SpringApplicationEvent> {

	/** All that a reading needs is loaded before what is measured begins. */
	private Reading strategyFrom = Reading.now();

	private @Nullable Reading strategyTo;

	private Reading queryFrom = this.strategyFrom;

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

	/** Between the two, the application asks its query. */
	@Override
	public void onApplicationEvent(SpringApplicationEvent event) {
		if (event instanceof ApplicationStartedEvent) {
			this.queryFrom = Reading.now();
		}
		else if (event instanceof ApplicationReadyEvent) {
			print(Reading.now());
		}
	}

	private void print(Reading ready) {
		// without a strategy it has taken no time
		Reading to = (this.strategyTo != null) ? this.strategyTo : this.strategyFrom;
		System.out.printf(Locale.ROOT, "%nBENCHMARK %s %s %s%n", line("start", Reading.ofJvmStart(), ready),
				line("strategy", this.strategyFrom, to), line("query", this.queryFrom, ready));
	}

	private static String line(String name, Reading from, Reading to) {
		return String.format(Locale.ROOT, "%1$s-from=%2$d %1$s-to=%3$d %1$s-cpu=%4$d %1$s-classes=%5$d", name,
				from.micros(), to.micros(), to.cpuMicros() - from.cpuMicros(), to.classes() - from.classes());
	}

}
