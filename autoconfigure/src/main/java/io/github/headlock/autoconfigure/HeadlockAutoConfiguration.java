package io.github.headlock.autoconfigure;

import java.util.function.Supplier;

import javax.sql.DataSource;

import io.github.headlock.BackgroundThrottle;
import io.github.headlock.MigrationListener;
import io.github.headlock.actuate.BoundedSchemaProbe;
import io.github.headlock.background.BackgroundMigrations;
import io.github.headlock.background.ThrottleBeans;
import io.github.headlock.jdbc.JdbcProxy;
import io.github.headlock.roles.SessionSettings;
import io.github.headlock.startup.BackgroundLifecycle;
import io.github.headlock.startup.FastPath;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.MigrationObserver;
import io.github.headlock.startup.MigrationSettings;
import io.github.headlock.startup.ModuleFlyways;
import io.github.headlock.startup.NamedBeans;
import io.github.headlock.startup.OnSchemaAhead;
import io.github.headlock.startup.RoleRestoreLifecycle;
import io.github.headlock.startup.SkipSettings;
import io.github.headlock.startup.MigrationListeners;
import org.flywaydb.core.Flyway;
import org.flywaydb.database.postgresql.PostgreSQLConfigurationExtension;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.ProxyType;
import org.springframework.context.annotation.Proxyable;
import org.springframework.context.event.ApplicationEventMulticaster;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Auto-configuration of the migration strategy, for applications with a {@link Flyway}
 * and without a strategy of their own. Considered last, so that a strategy of another
 * starter is seen.
 */
@AutoConfiguration(after = FlywayAutoConfiguration.class, afterName = HeadlockAutoConfiguration.SPRING_MODULITH)
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass({ Flyway.class, FlywayMigrationStrategy.class, PostgreSQLConfigurationExtension.class })
@ConditionalOnBean(Flyway.class)
@EnableConfigurationProperties(HeadlockProperties.class)
@ImportRuntimeHints({ BackgroundMigrations.Hints.class, JdbcProxy.Hints.class, ModuleFlyways.Hints.class })
public final class HeadlockAutoConfiguration {

	/** Name of the bean. */
	static final String STRATEGY = "headlockMigrationStrategy";

	static final String SPRING_MODULITH = "org.springframework.modulith.runtime.autoconfigure."
			+ "SpringModulithRuntimeAutoConfiguration";

	HeadlockAutoConfiguration() {
	}

	/**
	 * There also where Headlock is turned off, because conditions may have been decided
	 * when the application was built. Primary, because Spring Modulith's stays beside it
	 * and is asked what to migrate.
	 */
	@Bean(STRATEGY)
	@Primary
	@Proxyable(ProxyType.TARGET_CLASS)
	@ConditionalOnMissingBean(value = FlywayMigrationStrategy.class, ignoredType = ModuleFlyways.STRATEGY)
	@DependsOn("headlockListenerCleanup")
	HeadlockMigrationStrategy headlockMigrationStrategy(HeadlockProperties properties,
			ObjectProvider<DataSource> application, ObjectProvider<FlywayMigrationStrategy> strategies,
			ResourceLoader resources, MigrationListeners listeners, ObjectProvider<MigrationObserver> observer,
			ConfigurableListableBeanFactory beans) {
		Supplier<@Nullable FlywayMigrationStrategy> other = () -> strategies.stream()
			.filter((strategy) -> !HeadlockMigrationStrategy.class.isAssignableFrom(AopUtils.getTargetClass(strategy)))
			.findFirst()
			.orElse(null);
		if (!properties.isEnabled()) {
			return HeadlockMigrationStrategy.turnedOff(properties.isSkipMigrations(), other);
		}
		SessionSettings sessions = new SessionSettings(properties.getSessions().getRoles(),
				properties.isTerminateDbSessions(), properties.getSessions().getDrainTimeout(),
				properties.getSessions().getBlockWith(), application::getIfUnique);
		return new HeadlockMigrationStrategy(
				new MigrationSettings(properties.getFastPath() == FastPath.AUTO,
						properties.getOnSchemaAhead() == OnSchemaAhead.FAIL, properties.getLock().getTimeout(),
						properties.getLock().getPollInterval(), UpgradePaths.of(properties), skip(properties),
						properties.getDdl().settings(), sessions,
						BackgroundDeclarations.of(properties, resources, BackgroundMigrationBeans.find(beans),
								throttles(beans)),
						BackgroundCompletions.of(properties)),
				listeners, () -> observer.getIfAvailable(() -> Supplier::get), other);
	}

	@Bean
	static DeferredFlywayPostProcessor headlockDeferredFlywayPostProcessor(DefaultListableBeanFactory beans,
			Environment environment) {
		return new DeferredFlywayPostProcessor(beans, environment);
	}

	private static @Nullable SkipSettings skip(HeadlockProperties properties) {
		return properties.isSkipMigrations()
				? new SkipSettings(properties.getOnSchemaBehind(), properties.getSchemaWaitTimeout()) : null;
	}

	/** Looked up when somebody works on a background migration. */
	private static ThrottleBeans throttles(ConfigurableListableBeanFactory beans) {
		NamedBeans<BackgroundThrottle> throttles = new NamedBeans<>(beans, BackgroundThrottle.class);
		return new ThrottleBeans(throttles::names, throttles::get);
	}

	/**
	 * So that no request is taken before the schema is ready, however beans are created.
	 */
	@Bean
	@ConditionalOnBean(HeadlockMigrationStrategy.class)
	static LazyInitializationExcludeFilter headlockEagerMigration(Environment environment) {
		boolean enabled = Binder.get(environment).bind("headlock.enabled", Boolean.class).orElse(true);
		return (name, definition, type) -> enabled && FlywayMigrationInitializer.class.isAssignableFrom(type);
	}

	@Bean
	@Proxyable(ProxyType.TARGET_CLASS)
	MigrationListeners headlockMigrationListeners(ConfigurableListableBeanFactory beans) {
		return new MigrationListeners(new NamedBeans<>(beans, MigrationListener.class));
	}

	@Bean
	@ConditionalOnBean(HeadlockMigrationStrategy.class)
	BoundedSchemaProbe headlockSchemaProbe() {
		SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("headlock-watch-");
		executor.setDaemon(true);
		return new BoundedSchemaProbe(executor);
	}

	@Bean
	@ConditionalOnBean(HeadlockMigrationStrategy.class)
	RoleRestoreLifecycle headlockRoleRestoreLifecycle(ObjectProvider<HeadlockMigrationStrategy> strategy) {
		return new RoleRestoreLifecycle(ManagingStrategy.of(strategy));
	}

	@Bean
	@ConditionalOnBean(HeadlockMigrationStrategy.class)
	BackgroundLifecycle headlockBackgroundLifecycle(ObjectProvider<HeadlockMigrationStrategy> strategy) {
		return new BackgroundLifecycle(ManagingStrategy.of(strategy));
	}

	/**
	 * Created before the strategy, so that it is there when a start fails.
	 */
	@Bean
	ListenerCleanup headlockListenerCleanup(HeadlockProperties properties,
			@Qualifier(AbstractApplicationContext.APPLICATION_EVENT_MULTICASTER_BEAN_NAME) ApplicationEventMulticaster multicaster) {
		return new ListenerCleanup(properties.isEnabled(), multicaster);
	}

	@Bean
	@ConditionalOnBean(HeadlockMigrationStrategy.class)
	DisplacedStrategyReporter headlockDisplacedStrategyReporter(ConfigurableListableBeanFactory beans) {
		return new DisplacedStrategyReporter(STRATEGY, beans);
	}

	@Bean
	InactiveReporter headlockInactiveReporter(HeadlockProperties properties, ListableBeanFactory beans) {
		return new InactiveReporter(properties, beans);
	}

}
