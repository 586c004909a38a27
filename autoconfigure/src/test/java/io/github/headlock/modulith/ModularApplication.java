package io.github.headlock.modulith;

import io.github.headlock.startup.HeadlockMigrationStrategy;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application with two modules, named in {@code META-INF/spring-modulith}, and started
 * in a process that has Spring Modulith.
 */
@SpringBootApplication
public class ModularApplication {

	public static void main(String[] arguments) {
		try (ConfigurableApplicationContext context = SpringApplication.run(ModularApplication.class, arguments)) {
			boolean managed = context.getBean(HeadlockMigrationStrategy.class).managed().isPresent();
			HealthIndicator health = context.getBean("schemaHealthIndicator", HealthIndicator.class);
			System.out.println("Managed: " + managed + ", health: " + health.health(true).getStatus());
		}
	}

}
