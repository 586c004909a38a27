package io.github.headlock.autoconfigure;

import java.time.Duration;

import io.github.headlock.SchemaReadyTask;
import org.flywaydb.core.api.migration.BaseJavaMigration;
import org.flywaydb.core.api.migration.Context;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.SchedulingConfigurer;

/**
 * An application that migrates with a bean of its own, and does a lot else.
 */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableScheduling
class SpeakingApplication {

	public static void main(String[] arguments) {
		SpringApplication.run(SpeakingApplication.class, arguments).close();
	}

	@Bean
	V2__Of_a_bean migration() {
		return new V2__Of_a_bean();
	}

	@Bean
	Object eager() {
		return say("CREATED eager");
	}

	@Bean
	@Lazy(false)
	Object moreEager() {
		return say("CREATED more eager");
	}

	@Bean
	ApplicationRunner runner() {
		say("CREATED runner");
		return (arguments) -> say("RAN runner");
	}

	@Bean
	SchedulingConfigurer scheduling() {
		say("CREATED scheduling");
		return (tasks) -> tasks.addFixedRateTask(() -> say("RAN scheduled"), Duration.ofMillis(10));
	}

	@Bean(bootstrap = Bean.Bootstrap.BACKGROUND)
	Object inTheBackground() {
		return say("CREATED in the background");
	}

	@Bean
	SchemaReadyTask task() {
		say("CREATED task");
		return (status) -> say("RAN task");
	}

	@Bean
	Lifecycle lifecycle() {
		say("CREATED lifecycle");
		return new Lifecycle();
	}

	@Bean
	ApplicationListener<ContextRefreshedEvent> listener() {
		say("CREATED listener");
		return new Listener();
	}

	@Bean
	WithListenerMethod withListenerMethod() {
		return new WithListenerMethod();
	}

	static Object say(String what) {
		System.out.println(what);
		return what;
	}

	static final class Listener implements ApplicationListener<ContextRefreshedEvent> {

		@Override
		public void onApplicationEvent(ContextRefreshedEvent event) {
			say("HEARD listener");
		}

	}

	static final class WithListenerMethod {

		@EventListener(ContextRefreshedEvent.class)
		void refreshed() {
			say("HEARD method");
		}

	}

	static final class Lifecycle implements SmartLifecycle {

		@Override
		public void start() {
			say("STARTED lifecycle");
		}

		@Override
		public void stop() {
		}

		@Override
		public boolean isRunning() {
			return false;
		}

	}

	static final class V2__Of_a_bean extends BaseJavaMigration {

		@Override
		public void migrate(Context context) throws Exception {
			context.getConnection().createStatement().execute("CREATE TABLE of_a_bean (id int)");
		}

	}

}
