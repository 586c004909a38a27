package io.github.headlock.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.headlock.testbed.JavaCommand;
import io.github.headlock.testbed.LoggedProcess;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A replica in a process of its own, which can be killed and has an exit code.
 */
public final class ReplicaProcess implements AutoCloseable {

	private final LoggedProcess process;

	private ReplicaProcess(LoggedProcess process) {
		this.process = process;
	}

	public static ReplicaProcess start(Replica replica) {
		return start(Main.class, replica);
	}

	/**
	 * A process of another application, without JPA and the like, which takes seconds and
	 * which most processes have no use for, with further options of the JVM.
	 */
	public static ReplicaProcess start(Class<?> main, Replica replica, String... options) {
		return start(main, replica, withoutJpa(), options);
	}

	/** A process of an application with JPA. */
	public static ReplicaProcess startWithJpa(Class<?> main, Replica replica) {
		return start(main, replica, classPath());
	}

	/** A process of an application with the bootstrap context of Spring Cloud. */
	public static ReplicaProcess startWithSpringCloud(Class<?> main, Replica replica) {
		return start(main, replica, Stream.concat(withoutJpa(), jarsIn("target/spring-cloud")));
	}

	/** A process of an application with Spring Modulith. */
	public static ReplicaProcess startWithSpringModulith(Class<?> main, Replica replica) {
		return start(main, replica, Stream.concat(withoutJpa(), jarsIn("target/spring-modulith")));
	}

	/** A process whose Flyway lacks its module for PostgreSQL. */
	public static ReplicaProcess startWithoutFlywaysPostgresqlModule(Replica replica) {
		return start(Main.class, replica, withoutJpa().filter((entry) -> !entry.contains("/flyway-database-")));
	}

	/** A process with a Flyway that is too old. */
	public static ReplicaProcess startWithOldFlyway(Replica replica) {
		return start(Main.class, replica, Stream.concat(withoutJpa().filter((entry) -> !entry.contains("/flyway-")),
				jarsIn("target/old-flyway")));
	}

	/**
	 * A process with a Spring Boot that is too old, and with the modules that it does not
	 * have, so that they come with Headlock.
	 */
	public static ReplicaProcess startWithOldSpringBoot(Replica replica) {
		Pattern kept = Pattern.compile("classes$|spring-boot-(flyway|jdbc|sql|transaction|persistence)-"
				+ "|/postgresql-|HikariCP|jspecify|slf4j-api|logback|micrometer-(commons|observation)-\\d|commons-logging");
		return start(Main.class, replica, Stream.concat(classPath().filter(kept.asPredicate()),
				Stream.concat(jarsIn("target/old-spring-boot"), jarsIn("target/old-flyway"))));
	}

	/** A process of an application that was processed ahead of time. */
	public static ReplicaProcess startAheadOfTime(Class<?> main, Path generated, Replica replica) {
		return start(main, replica, Stream.concat(Stream.of(generated.toString()), withoutJpa()),
				"-Dspring.aot.enabled=true");
	}

	private static ReplicaProcess start(Class<?> main, Replica replica, Stream<String> classPath, String... options) {
		try {
			return new ReplicaProcess(
					JavaCommand.main(classPath.collect(Collectors.joining(File.pathSeparator)), main.getName())
						.options(List.of(options))
						.arguments(List.of("--spring.main.web-application-type=none"))
						.arguments(List.of(replica.arguments()))
						.environment(replica.environment())
						.start(Files.createTempFile("replica", ".log")));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Stream<String> classPath() {
		String own = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		return Arrays.stream(own.split(File.pathSeparator));
	}

	/** Nor what reads all classes beside the application's, which need JPA. */
	private static Stream<String> withoutJpa() {
		return classPath().filter((entry) -> Stream.of("hibernate-core", "spring-data-", "jooq", "spring-boot-jackson")
			.noneMatch(entry::contains));
	}

	/** As the build has put them there. */
	private static Stream<String> jarsIn(String folder) {
		File[] jars = new File(folder).listFiles();
		if (jars == null) {
			throw new IllegalStateException("There is no " + folder + ": build with Maven first");
		}
		return Arrays.stream(jars).map(File::getPath);
	}

	/** SIGKILL, which ends a suspended process as well. */
	public void kill() {
		this.process.kill();
	}

	/** SIGTERM. */
	public void terminate() {
		this.process.terminate();
	}

	/** SIGSTOP: it does not run, and keeps all it has. */
	public void suspend() {
		assertThat(this.process.suspend()).isTrue();
	}

	/** SIGCONT: it goes on as if nothing had happened. */
	public void resume() {
		assertThat(this.process.resume()).isTrue();
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	/** Whether it ends by itself within this time. */
	public boolean endsWithin(Duration time) throws InterruptedException {
		return this.process.endsWithin(time);
	}

	/** The exit code, within three minutes. */
	public int exitCode() throws InterruptedException {
		if (!endsWithin(Duration.ofMinutes(3))) {
			throw new IllegalStateException("Still running: " + output());
		}
		return this.process.exitCode();
	}

	public String output() {
		return this.process.log().text();
	}

	@Override
	public void close() throws IOException {
		kill();
		Files.delete(this.process.log().file());
	}

	/**
	 * Entry point of the process: a whole application, with everything that is on the
	 * class path.
	 */
	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	public static class Main {

		public static void main(String[] arguments) {
			SpringApplication.run(Main.class, arguments);
		}

	}

}
