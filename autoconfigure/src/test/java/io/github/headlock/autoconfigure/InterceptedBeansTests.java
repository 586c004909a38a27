package io.github.headlock.autoconfigure;

import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

import io.github.headlock.MigrationListener;
import io.github.headlock.SchemaReadyTask;
import io.github.headlock.test.Meters;
import io.github.headlock.test.Replica;
import io.github.headlock.test.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

import org.springframework.aop.ClassFilter;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.RootClassFilter;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application with aspects for types of Spring Boot's that Headlock has beans of. As
 * always in Spring Boot, a proxy is a subclass of what it stands for.
 */
class InterceptedBeansTests {

	private static final Set<String> CALLED = new ConcurrentSkipListSet<>();

	private final TestDatabase database = TestDatabase.create();

	@Test
	void theStrategyIsInterceptedAsAClassAlsoWhereInterfacesArePreferred() {
		Replica replica = Replica.of(this.database.url(), "basic").with(ByInterface.class);
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(Replica.report(context).migrations()).isEqualTo(3);
		}
		replica.plain().start().close();
	}

	@Test
	void theBeansMayBeIntercepted() {
		CALLED.clear();
		Replica replica = Replica.of(this.database.url(), "basic").with(Meters.class).with(Aspects.class);
		try (ConfigurableApplicationContext context = replica.start()) {
			assertThat(this.database.history()).containsExactly("1", "2", "3");
			assertThat(context.getBean("schemaHealthIndicator", HealthIndicator.class).health(true).getStatus())
				.isEqualTo(Status.UP);
			assertThat(context.getBean(MeterRegistry.class)
				.get("headlock.migration")
				.tag("outcome", "migrated")
				.timer()
				.count()).isOne();
			assertThat(context.getBean(Flyway.class).info().applied()).hasSize(3);
			assertThat(CALLED).contains("DeferredFlyway.info", "HeadlockMigrationStrategy.migrate",
					"HeadlockMeters.succeeded", "HeadlockMeters.bindTo", "SchemaReadyTasks.start",
					"MigrationListeners.afterSingletonsInstantiated", "InactiveReporter.afterSingletonsInstantiated",
					"SchemaHealthIndicator.health", "MigrationObservation.observe", "the task");
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class ByInterface {

		@Bean
		static DefaultAdvisorAutoProxyCreator autoProxyCreator() {
			return new DefaultAdvisorAutoProxyCreator();
		}

		@Bean
		static DefaultPointcutAdvisor advisor() {
			return new DefaultPointcutAdvisor(
					new ComposablePointcut(new RootClassFilter(FlywayMigrationStrategy.class)),
					(MethodInterceptor) MethodInvocation::proceed);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ HeadlockEndpointAutoConfiguration.class, HeadlockObservationAutoConfiguration.class })
	static class Aspects {

		@Bean
		static DefaultAdvisorAutoProxyCreator autoProxyCreator() {
			DefaultAdvisorAutoProxyCreator creator = new DefaultAdvisorAutoProxyCreator();
			creator.setProxyTargetClass(true);
			return creator;
		}

		@Bean
		static DefaultPointcutAdvisor advisor() {
			ClassFilter types = new RootClassFilter(FlywayMigrationStrategy.class);
			ComposablePointcut pointcut = new ComposablePointcut(types);
			for (Class<?> type : new Class<?>[] { MigrationListener.class, SchemaReadyTask.class, MeterBinder.class,
					HealthIndicator.class, SmartLifecycle.class, SmartInitializingSingleton.class, Flyway.class }) {
				pointcut.union(new RootClassFilter(type));
			}
			pointcut.union((ClassFilter) (type) -> type.getSimpleName().equals("MigrationObservation"));
			return new DefaultPointcutAdvisor(pointcut, (MethodInterceptor) (call) -> {
				CALLED.add(call.getThis().getClass().getSimpleName() + "." + call.getMethod().getName());
				return call.proceed();
			});
		}

		@Bean
		SchemaReadyTask task() {
			return (status) -> CALLED.add("the task");
		}

	}

}
