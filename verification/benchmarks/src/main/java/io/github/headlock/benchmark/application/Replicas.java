package io.github.headlock.benchmark.application;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

import javax.sql.DataSource;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.SimpleCommandLinePropertySource;

/**
 * Starts the application several times at once, each time in a context of its own. All
 * stop before they use the database and go on together, so that they meet there however
 * long the machine takes to start so many. Prints a line for each that is ready or has
 * failed; a ready one is closed, and its connections with it.
 */
final class Replicas {

	static final String OPTION = "benchmark.replicas";

	private static final String URL = "--spring.datasource.url=";

	private static final String WARM_UP = "benchmark.warm-up-url";

	private final int number;

	private final String[] arguments;

	private final CountDownLatch arrived;

	private final CountDownLatch released = new CountDownLatch(1);

	Replicas(int number, String[] arguments) {
		this.number = number;
		this.arguments = arguments;
		this.arrived = new CountDownLatch(number);
	}

	/** The number asked for, 0 if it is a single start. */
	static int number(String[] arguments) {
		String number = new SimpleCommandLinePropertySource(arguments).getProperty(OPTION);
		return (number != null) ? Integer.parseInt(number) : 0;
	}

	/** Returns when all have been started; the JVM lives on until none is starting. */
	void start() throws InterruptedException {
		warmUp();
		for (int i = 0; i < this.number; i++) {
			new Thread(this::startOne, "replica-" + i).start();
		}
		this.arrived.await();
		print("released");
		this.released.countDown();
	}

	/** On a database that is at head, so that classes are loaded before. */
	private void warmUp() {
		String url = new SimpleCommandLinePropertySource(this.arguments).getProperty(WARM_UP);
		String[] warmUp = Arrays.stream(this.arguments)
			.map((argument) -> argument.startsWith(URL) ? URL + url : argument)
			.toArray(String[]::new);
		new SpringApplication(BenchmarkApplication.class).run(warmUp).close();
	}

	private void startOne() {
		try {
			ConfigurableApplicationContext context = application().run(this.arguments);
			print("ready");
			context.close();
		}
		catch (RuntimeException ex) {
			Throwable cause = NestedExceptionUtils.getMostSpecificCause(ex);
			// it may have failed before the others arrive
			this.arrived.countDown();
			print("failed " + cause.getClass().getSimpleName() + ": " + cause.getMessage());
		}
	}

	private SpringApplication application() {
		SpringApplication application = new SpringApplication(BenchmarkApplication.class);
		application.addInitializers((context) -> context.getBeanFactory().addBeanPostProcessor(new Gate()));
		return application;
	}

	private static void print(String event) {
		System.out.println("REPLICA " + Reading.microsNow() + " " + event.lines().findFirst().orElse(""));
	}

	/**
	 * Holds a replica as soon as it has its data source, which has no connection yet.
	 */
	private final class Gate implements BeanPostProcessor {

		@Override
		public Object postProcessAfterInitialization(Object bean, String name) {
			if (bean instanceof DataSource) {
				Replicas.this.arrived.countDown();
				try {
					Replicas.this.released.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
					throw new IllegalStateException(ex);
				}
			}
			return bean;
		}

	}

}
