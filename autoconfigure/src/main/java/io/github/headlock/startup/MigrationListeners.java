package io.github.headlock.startup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import io.github.headlock.MigrationListener;
import io.github.headlock.MigrationReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.BeanCurrentlyInCreationException;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Tells the application's listeners how the database part of a start ended. Each is
 * created and called on its own, so that none silences another. One that needs what is
 * created after the migration, such as JPA, or asks for it when it is told, is told when
 * that is there.
 */
public class MigrationListeners implements SmartInitializingSingleton {

	private static final Logger logger = LoggerFactory.getLogger(MigrationListeners.class);

	private final NamedBeans<MigrationListener> listeners;

	private final List<Late> late = new ArrayList<>();

	private boolean schemaIsReady;

	/**
	 * Creates it; no listener is created for it.
	 * @param listeners the listeners of the application
	 */
	public MigrationListeners(NamedBeans<MigrationListener> listeners) {
		this.listeners = listeners;
	}

	/**
	 * Tells all listeners of a start that succeeded, those that cannot be created yet
	 * later.
	 * @param report how it went
	 */
	void succeeded(MigrationReport report) {
		Consumer<MigrationListener> news = (listener) -> listener.succeeded(report);
		Map<String, BeansException> failures = tell(names(), news);
		if (this.schemaIsReady) {
			failures.forEach(MigrationListeners::warnNotNotified);
			return;
		}
		failures.forEach((name, failure) -> {
			logger.info("The listener \"{}\" or a bean that it needs cannot be created before the schema is ready; "
					+ "it is notified when the application's beans are there", name);
			logger.debug("The listener \"{}\" cannot be notified yet", name, failure);
		});
		this.late.add(new Late(List.copyOf(failures.keySet()), news));
	}

	/**
	 * Tells all listeners of a start that failed. Those that cannot be created now never
	 * are, because the application ends.
	 * @param failure why it failed
	 * @param took time from its beginning
	 */
	void failed(RuntimeException failure, Duration took) {
		tell(names(), (listener) -> listener.failed(failure, took)).forEach(MigrationListeners::warnNotNotified);
	}

	/**
	 * Tells those listeners that could not be created before the schema was ready.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		this.schemaIsReady = true;
		this.late.forEach((late) -> tell(late.names(), late.news()).forEach(MigrationListeners::warnNotNotified));
		this.late.clear();
	}

	private List<String> names() {
		try {
			return this.listeners.names();
		}
		catch (BeansException ex) {
			logger.warn("The listeners cannot be notified of the start", ex);
			return List.of();
		}
	}

	/** Returns why some of them cannot be created, by their names. */
	private Map<String, BeansException> tell(List<String> names, Consumer<MigrationListener> news) {
		Map<String, MigrationListener> created = new LinkedHashMap<>();
		Map<String, BeansException> failures = new LinkedHashMap<>();
		for (String name : names) {
			try {
				this.listeners.get(name).ifPresent((listener) -> created.put(name, listener));
			}
			catch (BeansException ex) {
				failures.put(name, ex);
			}
		}
		this.listeners.inOrder(created)
			.forEach((name, listener) -> tell(name, listener, news).ifPresent((ex) -> failures.put(name, ex)));
		return failures;
	}

	/** Returns why a bean that it asks for cannot be created yet. */
	private static Optional<BeansException> tell(String name, MigrationListener listener,
			Consumer<MigrationListener> news) {
		try {
			news.accept(listener);
		}
		catch (BeansException ex) {
			// what needs the database needs the very bean that is being created now
			if (ex.contains(BeanCurrentlyInCreationException.class)) {
				return Optional.of(ex);
			}
			warn(name, ex);
		}
		// also what Kotlin throws undeclared, and a class that an optional library lacks
		catch (Exception | Error ex) {
			warn(name, ex);
		}
		return Optional.empty();
	}

	private static void warn(String name, Throwable failure) {
		logger.warn("The listener \"{}\" failed, which changes nothing", name, failure);
	}

	private static void warnNotNotified(String name, BeansException failure) {
		logger.warn("The listener \"{}\" cannot be notified of the start, because it or a bean that it needs cannot be "
				+ "created", name, failure);
	}

	private record Late(List<String> names, Consumer<MigrationListener> news) {
	}

}
