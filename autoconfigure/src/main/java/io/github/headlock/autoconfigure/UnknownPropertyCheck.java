package io.github.headlock.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.github.headlock.PrintableText;
import io.github.headlock.autoconfigure.UnknownPropertyException.WrongName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Looks through all property sources for names under {@code headlock} that no property
 * has, before anything is migrated. One that was probably meant otherwise ends the start,
 * so that a typing error cannot pass for protection; any other, such as a property of a
 * later version, is named in the log, once in a process.
 */
final class UnknownPropertyCheck implements BeanFactoryPostProcessor, PriorityOrdered {

	private static final Logger logger = LoggerFactory.getLogger(UnknownPropertyCheck.class);

	private static final Set<String> named = ConcurrentHashMap.newKeySet();

	private final ConfigurableEnvironment environment;

	UnknownPropertyCheck(ConfigurableEnvironment environment) {
		this.environment = environment;
	}

	/** Before another check refuses what was meant otherwise. */
	@Override
	public int getOrder() {
		return HIGHEST_PRECEDENCE;
	}

	@Override
	public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
		List<WrongName> wrong = new ArrayList<>();
		List<String> unknown = new ArrayList<>();
		for (PropertySource<?> source : this.environment.getPropertySources()) {
			if (source instanceof EnumerablePropertySource<?> enumerable) {
				for (String key : unknown(enumerable)) {
					String place = PrintableText.name(key + " (" + PropertySourceOrigin.get(source, key) + ")");
					Optional<String> meant = PropertyNames.nearest(key);
					meant.ifPresentOrElse((name) -> wrong.add(new WrongName(place, name.replace("[0]", "[n]"))),
							() -> unknown.add(place));
				}
			}
		}
		if (!wrong.isEmpty()) {
			throw new UnknownPropertyException(wrong);
		}
		unknown.removeIf((place) -> !named.add(place));
		if (!unknown.isEmpty()) {
			logger.warn("Without effect, because this version of Headlock has no such property: {}", unknown);
		}
	}

	private static List<String> unknown(EnumerablePropertySource<?> source) {
		boolean environment = source instanceof SystemEnvironmentPropertySource;
		return List.of(source.getPropertyNames())
			.stream()
			.filter((key) -> PropertyNames.concerns(key) && !PropertyNames.isKnown(key, environment))
			.toList();
	}

}
