package io.github.headlock.startup;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.TargetSource;
import org.springframework.aop.framework.Advised;

/**
 * Holds a configuration whose Flyway is loaded when something is first asked of it, which
 * takes most of the time that Flyway needs where nothing is to be applied.
 */
public final class DeferredFlyway implements TargetSource {

	private final FluentConfiguration configuration;

	private volatile @Nullable Flyway flyway;

	/**
	 * Creates it.
	 * @param configuration the configuration, to which nothing is added any more
	 */
	public DeferredFlyway(FluentConfiguration configuration) {
		this.configuration = configuration;
	}

	/**
	 * Returns the configuration of a Flyway, without loading one that is deferred.
	 * @param flyway the Flyway, which may be a proxy of a deferred one
	 * @return the configuration, {@code null} if the Flyway is a mock without one
	 */
	static Configuration configurationOf(Flyway flyway) {
		return (flyway instanceof Advised proxy && proxy.getTargetSource() instanceof DeferredFlyway deferred)
				? deferred.configuration() : flyway.getConfiguration();
	}

	private Configuration configuration() {
		Flyway loaded = this.flyway;
		return (loaded != null) ? loaded.getConfiguration() : this.configuration;
	}

	@Override
	public Class<?> getTargetClass() {
		return Flyway.class;
	}

	@Override
	public boolean isStatic() {
		return false;
	}

	/**
	 * Loads the Flyway at the first call. One that cannot be loaded is tried again.
	 * @throws org.flywaydb.core.api.FlywayException if it cannot be loaded
	 */
	@Override
	public synchronized Flyway getTarget() {
		Flyway loaded = this.flyway;
		if (loaded == null) {
			loaded = this.configuration.load();
			this.flyway = loaded;
		}
		return loaded;
	}

}
