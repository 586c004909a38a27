package io.github.headlock.test;

import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.headlock.HeadlockException;

/**
 * Every exception with which Headlock ends a start, with words from outside in it.
 */
public final class WaysToFail {

	private WaysToFail() {
	}

	/** All that are no bases of others. */
	public static Stream<Class<?>> types() {
		return new ClassFileImporter().withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
			.importPackages("io.github.headlock")
			.stream()
			.filter((type) -> type.isAssignableTo(HeadlockException.class))
			.<Class<?>>map(JavaClass::reflect)
			.filter((type) -> !Modifier.isAbstract(type.getModifiers()));
	}

	/** What the constructor or the static method returns, for hostile words. */
	public static Object call(Executable way) throws Exception {
		way.setAccessible(true);
		Object[] arguments = Arrays.stream(way.getGenericParameterTypes()).map(WaysToFail::hostile).toArray();
		return (way instanceof Constructor<?> constructor) ? constructor.newInstance(arguments)
				: ((Method) way).invoke(null, arguments);
	}

	/** A record full of hostile words. */
	public static Object record(Class<?> type) throws Exception {
		Class<?>[] types = Arrays.stream(type.getRecordComponents())
			.map(RecordComponent::getType)
			.toArray(Class<?>[]::new);
		return call(type.getDeclaredConstructor(types));
	}

	private static Object hostile(Type type) {
		if (type instanceof ParameterizedType list) {
			return List.of(hostile(list.getActualTypeArguments()[0]));
		}
		Class<?> plain = (Class<?>) type;
		if (plain.isEnum()) {
			return plain.getEnumConstants()[0];
		}
		if (plain.isRecord()) {
			try {
				return record(plain);
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
		return switch (plain.getSimpleName()) {
			case "String" -> PrintableWords.HOSTILE;
			case "int" -> 0;
			case "long" -> 0L;
			case "boolean" -> false;
			case "Duration" -> Duration.ofSeconds(1);
			case "Instant" -> Instant.EPOCH;
			case "Throwable", "Exception" -> new IllegalStateException(PrintableWords.HOSTILE);
			default -> throw new IllegalArgumentException("No words for " + plain);
		};
	}

}
