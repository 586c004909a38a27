package io.github.headlock.startup;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Objects;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.FlywayTelemetryManager;
import org.flywaydb.core.api.MigrationInfoService;
import org.flywaydb.core.api.configuration.Configuration;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.output.BaselineResult;
import org.flywaydb.core.api.output.CleanResult;
import org.flywaydb.core.api.output.MigrateResult;
import org.flywaydb.core.api.output.OperationResult;
import org.flywaydb.core.api.output.RepairResult;
import org.flywaydb.core.api.output.ValidateResult;
import org.flywaydb.core.extensibility.ConfigurationExtension;
import org.jspecify.annotations.Nullable;

import org.springframework.objenesis.SpringObjenesis;

/**
 * A proxy of a Flyway that is loaded when something is first asked of it, because loading
 * takes most of the time that Flyway needs where nothing is to be applied. Generating
 * such a class at the start would take a part of that time.
 */
public class DeferredFlyway extends Flyway {

	/** Null in a proxy of this proxy, which passes all calls on. */
	private @Nullable FluentConfiguration source;

	private volatile @Nullable Flyway loaded;

	/**
	 * Loads a Flyway, as the constructor of any is, and is not called.
	 * @param configuration the configuration
	 */
	protected DeferredFlyway(FluentConfiguration configuration) {
		super(configuration);
	}

	/**
	 * Creates a proxy.
	 * @param configuration the configuration, to which nothing is added any more
	 * @return the proxy, of which no constructor was called
	 */
	public static Flyway of(FluentConfiguration configuration) {
		DeferredFlyway flyway = new SpringObjenesis().newInstance(DeferredFlyway.class, false);
		flyway.source = configuration;
		return flyway;
	}

	/**
	 * Returns whether this class overrides all that a Flyway can be asked.
	 * @return {@code false} if this Flyway has another method, or lacks one
	 */
	public static boolean isPossible() {
		try {
			return Arrays.stream(Flyway.class.getDeclaredMethods())
				.filter((method) -> !Modifier.isStatic(method.getModifiers())
						&& !Modifier.isPrivate(method.getModifiers()))
				.allMatch(DeferredFlyway::isOverridden);
		}
		catch (LinkageError ex) {
			return false;
		}
	}

	private static boolean isOverridden(Method method) {
		try {
			return DeferredFlyway.class.getDeclaredMethod(method.getName(), method.getParameterTypes())
				.getReturnType() == method.getReturnType();
		}
		catch (NoSuchMethodException ex) {
			return false;
		}
	}

	/**
	 * Returns the configuration of a Flyway, without loading one that is deferred.
	 * @param flyway the Flyway, which may be a proxy of a deferred one
	 * @return the configuration, {@code null} if the Flyway is a mock without one
	 */
	static Configuration configurationOf(Flyway flyway) {
		return (flyway instanceof DeferredFlyway deferred && deferred.loaded == null && deferred.source != null)
				? deferred.source : flyway.getConfiguration();
	}

	/** Loads the Flyway at the first call. One that cannot be loaded is tried again. */
	private synchronized Flyway flyway() {
		Flyway flyway = this.loaded;
		if (flyway == null) {
			flyway = Objects.requireNonNull(this.source).load();
			this.loaded = flyway;
		}
		return flyway;
	}

	@Override
	public Configuration getConfiguration() {
		return flyway().getConfiguration();
	}

	@Override
	public <T extends ConfigurationExtension> T getConfigurationExtension(Class<T> type) {
		return flyway().getConfigurationExtension(type);
	}

	@Override
	public MigrateResult migrate() {
		return flyway().migrate();
	}

	@Override
	public MigrationInfoService info() {
		return flyway().info();
	}

	@Override
	public CleanResult clean() {
		return flyway().clean();
	}

	@Override
	public void validate() {
		flyway().validate();
	}

	@Override
	public ValidateResult validateWithResult() {
		return flyway().validateWithResult();
	}

	@Override
	public BaselineResult baseline() {
		return flyway().baseline();
	}

	@Override
	public RepairResult repair() {
		return flyway().repair();
	}

	@Override
	public OperationResult undo() {
		return flyway().undo();
	}

	@Deprecated
	@Override
	@SuppressWarnings("deprecation")
	public void setFlywayTelemetryManager(FlywayTelemetryManager telemetry) {
		flyway().setFlywayTelemetryManager(telemetry);
	}

}
