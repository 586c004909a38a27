package io.github.headlock.benchmark.application;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.SimpleCommandLinePropertySource;

/**
 * An application that uses its database before it is ready, with or without migrations.
 * Prints what its start has cost, and ends, or runs until it is killed if it has the
 * option {@value #STAY}. With {@value Replicas#OPTION} it is started several times in
 * this JVM instead.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class BenchmarkApplication {

	static final String STAY = "benchmark.stay";

	/**
	 * Starts it.
	 * @param arguments properties, as of any application
	 * @throws InterruptedException if it is told to end
	 */
	public static void main(String[] arguments) throws InterruptedException {
		int replicas = Replicas.number(arguments);
		if (replicas > 0) {
			new Replicas(replicas, arguments).start();
		}
		else {
			StartProbe probe = new StartProbe();
			SpringApplication application = new SpringApplication(BenchmarkApplication.class);
			application.addInitializers(probe);
			application.addListeners(probe);
			application.run(arguments);
			if (new SimpleCommandLinePropertySource(arguments).containsProperty(STAY)) {
				new CountDownLatch(1).await();
			}
		}
	}

	/** With or without migrations, it has the connection that it needs. */
	@Bean
	ApplicationRunner firstQuery(DataSource dataSource) {
		return (arguments) -> query(dataSource);
	}

	private static void query(DataSource dataSource) throws SQLException {
		try (Connection connection = dataSource.getConnection(); Statement statement = connection.createStatement()) {
			statement.execute("SELECT 1");
		}
	}

}
