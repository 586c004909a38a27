package io.github.headlock.autoconfigure;

import io.github.headlock.actuate.SchemaHealthIndicator;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.test.Replica;

import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * An application that starts, tells what it has become, and ends.
 */
@Configuration(proxyBeanMethods = false)
@Import(Replica.Application.class)
class AheadOfTimeApplication {

	public static void main(String[] arguments) {
		try (ConfigurableApplicationContext context = SpringApplication.run(AheadOfTimeApplication.class, arguments)) {
			HeadlockMigrationStrategy strategy = context.getBean(HeadlockMigrationStrategy.class);
			System.out.printf("Turned on: %s, managed: %s, health: %s%n", strategy.isTurnedOn(),
					strategy.managed().isPresent(),
					context.getBean(SchemaHealthIndicator.class).health(true).getStatus());
		}
	}

}
