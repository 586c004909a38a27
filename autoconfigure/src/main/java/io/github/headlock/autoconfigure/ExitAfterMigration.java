package io.github.headlock.autoconfigure;

import java.lang.StackWalker.StackFrame;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

/**
 * Ends the process when the schema is at head, for a Job or an init container with the
 * application's own image. Of the application, only what its migrations need is created:
 * no web server, no runner, nothing that starts by itself.
 */
final class ExitAfterMigration implements SpringApplicationRunListener {

	private static final Logger logger = LoggerFactory.getLogger(ExitAfterMigration.class);

	static final String PROPERTY = "headlock.exit-after-migration";

	private @Nullable MigrationsOnlyInitializer migrations;

	/** As Spring Boot calls it. */
	ExitAfterMigration(SpringApplication application, String[] arguments) {
	}

	static boolean isSet(Environment environment) {
		return Binder.get(environment).bind(PROPERTY, Boolean.class).orElse(false);
	}

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrapContext,
			ConfigurableEnvironment environment) {
		if (isSet(environment)) {
			environment.getPropertySources()
				.addFirst(new MapPropertySource("headlockExitAfterMigration", Map.of("spring.main.web-application-type",
						"none", "spring.main.keep-alive", false, "spring.jmx.enabled", false)));
		}
	}

	@Override
	public void contextLoaded(ConfigurableApplicationContext context) {
		this.migrations = new MigrationsOnlyInitializer(context, isFollowed());
		context.addBeanFactoryPostProcessor(this.migrations);
	}

	/**
	 * Returns whether this application is run by a builder that runs another one
	 * afterwards: its child or its sibling.
	 */
	private static boolean isFollowed() {
		List<String> builder = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
			.walk((frames) -> builderOfInnermostRun(frames).map(StackFrame::getMethodName).toList());
		return builder.contains("sibling") || builder.stream().filter("run"::equals).count() > 1;
	}

	private static Stream<StackFrame> builderOfInnermostRun(Stream<StackFrame> frames) {
		return frames.dropWhile((frame) -> frame.getDeclaringClass() != SpringApplication.class)
			.dropWhile((frame) -> frame.getDeclaringClass() == SpringApplication.class)
			.takeWhile((frame) -> frame.getDeclaringClass() == SpringApplicationBuilder.class);
	}

	/** Comes before the runners. */
	@Override
	public void started(ConfigurableApplicationContext context, @Nullable Duration timeTaken) {
		if (this.migrations != null && this.migrations.areDone()) {
			logger.info("Exiting, because {} is set", PROPERTY);
			context.close();
			System.exit(0);
		}
	}

}
