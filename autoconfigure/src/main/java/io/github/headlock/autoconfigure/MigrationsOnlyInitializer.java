package io.github.headlock.autoconfigure;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import javax.sql.DataSource;

import io.github.headlock.MigrationReport;
import io.github.headlock.schema.SchemaBehindException;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import io.github.headlock.startup.MigrationListeners;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.MigrationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.context.weaving.LoadTimeWeaverAware;

/**
 * Leaves of an application context nothing but its migrations, where
 * {@code headlock.exit-after-migration} is set. A context without a Flyway is left as it
 * is, because it may come before the one that migrates, unless the application clearly
 * has a database of its own.
 */
final class MigrationsOnlyInitializer implements BeanFactoryPostProcessor {

	private static final Logger logger = LoggerFactory.getLogger(MigrationsOnlyInitializer.class);

	private final ConfigurableApplicationContext context;

	private final List<ApplicationListener<?>> listeners;

	private final boolean followed;

	private boolean done;

	/**
	 * Creates it for one application context.
	 * @param context the context, before it is refreshed
	 * @param followed whether another context certainly comes after this one
	 */
	MigrationsOnlyInitializer(ConfigurableApplicationContext context, boolean followed) {
		this.context = context;
		this.listeners = (context instanceof AbstractApplicationContext known)
				? List.copyOf(known.getApplicationListeners()) : List.of();
		this.followed = followed;
	}

	/**
	 * Returns whether the context's migrations have been applied.
	 */
	boolean areDone() {
		return this.done;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
		if (!ExitAfterMigration.isSet(this.context.getEnvironment())) {
			return;
		}
		if (has(FlywayMigrationInitializer.class, beans) || has(Flyway.class, beans)) {
			MainThreadExit.isNotNeeded();
			LazyBeansPostProcessor.apply(beans, this.listeners);
			BeanFactoryInitializer<ListableBeanFactory> migrations = this::migrate;
			beans.registerSingleton("headlockOnlyMigrations", migrations);
		}
		else if (this.followed) {
			LazyBeansPostProcessor.apply(beans, this.listeners);
			Stream.of(LoadTimeWeaverAware.class, ApplicationRunner.class, CommandLineRunner.class)
				.forEach((type) -> remove(type, beans));
		}
		else if (has(DataSource.class, beans) && has(SkipMigrationsCheck.class, beans)) {
			throw refusal("The application has no Flyway. If another one that migrates comes after it in this "
					+ "process, set the property to false for this one.");
		}
		else {
			MainThreadExit.arrange();
		}
	}

	private static boolean has(Class<?> type, ListableBeanFactory beans) {
		return beans.getBeanNamesForType(type, true, false).length > 0;
	}

	/**
	 * Migrates before Spring creates the beans that it creates early, lazy or not, such
	 * as JPA's. Afterwards nothing is needed any more.
	 */
	private void migrate(ListableBeanFactory beans) {
		beans.getBeanProvider(FlywayMigrationInitializer.class).orderedStream().forEach((initializer) -> {
			// to create it is to migrate
		});
		beans.getBeanProvider(MigrationListeners.class).forEach(MigrationListeners::afterSingletonsInstantiated);
		beans.getBeanProvider(InactiveReporter.class).forEach(InactiveReporter::afterSingletonsInstantiated);
		Map<String, Flyway> flyways = beans.getBeansOfType(Flyway.class);
		List<ManagedSchema> managed = beans.getBeanProvider(HeadlockMigrationStrategy.class)
			.stream()
			.flatMap((strategy) -> strategy.managed().stream())
			.toList();
		managed.forEach((schema) -> ensureReady(schema.report()));
		if (managed.isEmpty() || flyways.size() > 1) {
			boolean decidedByOthers = beans.getBeanProvider(FlywayMigrationStrategy.class)
				.stream()
				.anyMatch((strategy) -> !(strategy instanceof HeadlockMigrationStrategy));
			flyways.forEach((name, flyway) -> ensureNothingPending(name, flyway, decidedByOthers));
		}
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) beans;
		Stream.of(beans.getBeanDefinitionNames()).forEach(registry::removeBeanDefinition);
		this.done = true;
	}

	/**
	 * A process that skips migrations may start on a schema that is behind, but not end.
	 */
	private static void ensureReady(MigrationReport report) {
		if (!report.isSchemaReady()) {
			throw new SchemaBehindException(report.schema(), report.status(), report.waited());
		}
	}

	/** A strategy of the application may migrate with another Flyway than the bean. */
	private static void ensureNothingPending(String name, Flyway flyway, boolean decidedByOthers) {
		MigrationInfoService info = flyway.info();
		int pending = info.pending().length;
		boolean failed = Stream.of(info.all())
			.map(MigrationInfo::getState)
			.anyMatch((state) -> state.isFailed() && state != MigrationState.FUTURE_FAILED);
		if (pending == 0 && !failed) {
			return;
		}
		String found = String.format(Locale.ROOT, "The Flyway bean \"%s\" has %d pending migration%s%s", name, pending,
				(pending == 1) ? "" : "s", failed ? ", and one that failed" : "");
		if (!decidedByOthers) {
			throw refusal(
					found + ", and nothing that is created without the rest of the application migrates with it.");
		}
		logger.warn("{} after the application's own migration strategy, which decides", found);
	}

	private static InvalidConfigurationPropertyValueException refusal(String reason) {
		return new InvalidConfigurationPropertyValueException(ExitAfterMigration.PROPERTY, true, reason);
	}

	private static void remove(Class<?> type, ListableBeanFactory beans) {
		BeanDefinitionRegistry registry = (BeanDefinitionRegistry) beans;
		Stream.of(beans.getBeanNamesForType(type, true, false))
			.map(BeanFactoryUtils::transformedBeanName)
			.filter(registry::containsBeanDefinition)
			.forEach(registry::removeBeanDefinition);
	}

}
