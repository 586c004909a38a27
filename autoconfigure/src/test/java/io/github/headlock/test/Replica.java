package io.github.headlock.test;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.headlock.MigrationReport;
import io.github.headlock.autoconfigure.HeadlockAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockHealthAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockPropertiesAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockSkipAutoConfiguration;
import io.github.headlock.autoconfigure.HeadlockTaskAutoConfiguration;
import io.github.headlock.startup.HeadlockMigrationStrategy;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * An application with Headlock, ready to be started in a context of its own.
 */
public final class Replica {

	private final Map<String, Object> properties = new LinkedHashMap<>();

	private final Map<String, String> environment = new LinkedHashMap<>();

	private final List<Class<?>> sources = new ArrayList<>(List.of(Application.class));

	private Replica() {
	}

	/** A replica on this URL, with the migrations of a folder under {@code db}. */
	public static Replica of(String url, String migrations) {
		return new Replica().with("spring.datasource.url", url)
			.with("spring.datasource.username", "postgres")
			.with("spring.datasource.hikari.maximum-pool-size", 2)
			.with("spring.datasource.hikari.minimum-idle", 0)
			.with("spring.flyway.locations", "classpath:db/" + migrations)
			.with("headlock.lock.poll-interval", "100ms");
	}

	public Replica with(String property, Object value) {
		this.properties.put(property, value);
		return this;
	}

	/** With an environment variable, where it is started as a process. */
	public Replica withEnvironment(String variable, String value) {
		this.environment.put(variable, value);
		return this;
	}

	public Replica with(Class<?> source) {
		this.sources.add(source);
		return this;
	}

	/** The same replica without Headlock, as Spring Boot and Flyway are on their own. */
	public Replica plain() {
		return with("headlock.enabled", false);
	}

	public String[] arguments() {
		return this.properties.entrySet()
			.stream()
			.map((property) -> "--" + property.getKey() + "=" + property.getValue())
			.toArray(String[]::new);
	}

	Map<String, String> environment() {
		return this.environment;
	}

	/** Starts and leaves running; the caller closes. */
	public ConfigurableApplicationContext start() {
		return new SpringApplicationBuilder(this.sources.toArray(new Class<?>[0])).web(WebApplicationType.NONE)
			.registerShutdownHook(false)
			.properties("spring.main.banner-mode=off", "spring.jmx.enabled=false")
			.run(arguments());
	}

	/** Starts, stops, and tells how the start went. */
	public MigrationReport startAndStop() {
		try (ConfigurableApplicationContext context = start()) {
			return report(context);
		}
	}

	public static MigrationReport report(ConfigurableApplicationContext context) {
		return context.getBean(HeadlockMigrationStrategy.class).managed().orElseThrow().report();
	}

	/**
	 * What a start with Headlock needs, and no more, because tests start many.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PropertyPlaceholderAutoConfiguration.class, DataSourceAutoConfiguration.class,
			FlywayAutoConfiguration.class, HeadlockAutoConfiguration.class, HeadlockHealthAutoConfiguration.class,
			HeadlockPropertiesAutoConfiguration.class, HeadlockSkipAutoConfiguration.class,
			HeadlockTaskAutoConfiguration.class })
	public static class Application {

	}

}
