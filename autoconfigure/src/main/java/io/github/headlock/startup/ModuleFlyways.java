package io.github.headlock.startup;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationStrategy;
import org.springframework.util.ReflectionUtils;

/**
 * Finds what the migration strategy of Spring Modulith migrates: one Flyway for each
 * module, derived from the application's. How they are derived is left to Spring
 * Modulith, whose method for it is not public, so that it is called by reflection.
 */
public final class ModuleFlyways {

	/** The class of Spring Modulith's strategy. */
	public static final String STRATEGY = "org.springframework.modulith.runtime.flyway."
			+ "SpringModulithFlywayMigrationStrategy";

	private static final String CUSTOMIZER = STRATEGY + "$SpringModulithFlywayCustomizer";

	private final Constructor<?> customizer;

	private final Method augment;

	private final Field identifiers;

	private final Field filter;

	private ModuleFlyways(Class<?> strategy) throws ReflectiveOperationException {
		this.identifiers = accessible(strategy.getDeclaredField("identifiers"));
		this.filter = accessible(strategy.getDeclaredField("filter"));
		Class<?> type = Class.forName(CUSTOMIZER, false, strategy.getClassLoader());
		this.customizer = type.getDeclaredConstructor(Flyway.class, this.filter.getType());
		this.customizer.setAccessible(true);
		this.augment = type.getDeclaredMethod("augment", this.identifiers.getType());
		this.augment.setAccessible(true);
		if (this.augment.getReturnType() != Stream.class) {
			throw new NoSuchMethodException(this.augment.toString());
		}
	}

	private static Field accessible(Field field) {
		field.setAccessible(true);
		return field;
	}

	/**
	 * Returns the way to find the Flyways of a strategy.
	 * @param strategy the class of the strategy
	 * @return empty if it is not Spring Modulith's, or that of a version that derives
	 * them in another way
	 */
	public static Optional<ModuleFlyways> of(Class<?> strategy) {
		if (!strategy.getName().equals(STRATEGY)) {
			return Optional.empty();
		}
		try {
			return Optional.of(new ModuleFlyways(strategy));
		}
		catch (ReflectiveOperationException | LinkageError | InaccessibleObjectException ex) {
			return Optional.empty();
		}
	}

	/**
	 * Derives the Flyways.
	 * @param strategy Spring Modulith's strategy
	 * @param flyway the application's Flyway
	 * @return the Flyways, in the order in which the strategy migrates with them
	 */
	List<Flyway> derive(FlywayMigrationStrategy strategy, Flyway flyway) {
		try {
			Object derivation = this.customizer.newInstance(flyway, this.filter.get(strategy));
			@Nullable Object flyways = this.augment.invoke(derivation, this.identifiers.get(strategy));
			return (flyways instanceof Stream<?> stream) ? stream.map(Flyway.class::cast).toList() : List.of();
		}
		catch (ReflectiveOperationException ex) {
			ReflectionUtils.handleReflectionException(ex);
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * What a native image needs to know of Spring Modulith.
	 */
	public static final class Hints implements RuntimeHintsRegistrar {

		Hints() {
		}

		@Override
		public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
			TypeReference strategy = TypeReference.of(STRATEGY);
			hints.reflection()
				.registerType(strategy,
						(type) -> type.onReachableType(strategy).withMembers(MemberCategory.ACCESS_DECLARED_FIELDS))
				.registerType(TypeReference.of(CUSTOMIZER), (type) -> type.onReachableType(strategy)
					.withMembers(MemberCategory.INVOKE_DECLARED_CONSTRUCTORS, MemberCategory.INVOKE_DECLARED_METHODS));
		}

	}

}
