package io.github.headlock.startup;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;

/**
 * Finds the beans of one type, of this context and its parents, by their names. These are
 * the beans that {@link org.springframework.beans.factory.ObjectProvider#orderedStream()}
 * has, in the same order, but each can be created on its own, and each has its name.
 *
 * @param <T> the type
 */
public final class NamedBeans<T> {

	private final ConfigurableListableBeanFactory beans;

	private final Class<T> type;

	/**
	 * Creates it; no bean is looked for.
	 * @param beans the bean factory of the context
	 * @param type the type
	 */
	public NamedBeans(ConfigurableListableBeanFactory beans, Class<T> type) {
		this.beans = beans;
		this.type = type;
	}

	/**
	 * Returns the names of those that are candidates for injection, in no order. None of
	 * them is created for it.
	 * @return the names
	 */
	public List<String> names() {
		return Stream.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beans, this.type))
			.filter(this::isCandidate)
			.toList();
	}

	/**
	 * Returns one of them, and creates it if it is not there.
	 * @param name its name
	 * @return the bean, empty if its bean method returns {@code null}
	 * @throws org.springframework.beans.BeansException if it cannot be created
	 */
	public Optional<T> get(String name) {
		return Optional.of(this.beans.getBean(name)).filter(this.type::isInstance).map(this.type::cast);
	}

	/**
	 * Sorts some of them as Spring does, by {@code @Order} also on their bean methods.
	 * @param found the beans by their names
	 * @return the same, in order
	 */
	public Map<String, T> inOrder(Map<String, T> found) {
		Map<String, T> ordered = new LinkedHashMap<>();
		found.entrySet()
			.stream()
			.sorted((left, right) -> AnnotationAwareOrderComparator.INSTANCE
				.withSourceProvider((bean) -> (bean == left.getValue()) ? order(left.getKey()) : order(right.getKey()))
				.compare(left.getValue(), right.getValue()))
			.forEach((entry) -> ordered.put(entry.getKey(), entry.getValue()));
		return ordered;
	}

	private boolean isCandidate(String name) {
		BeanDefinition definition = definition(name);
		return definition == null || (definition.isAutowireCandidate()
				&& !(definition instanceof AbstractBeanDefinition bean && !bean.isDefaultCandidate()));
	}

	/** What has the order of a bean, apart from its class. */
	private @Nullable Object order(String name) {
		BeanDefinition definition = definition(name);
		if (definition != null
				&& definition.getAttribute(AbstractBeanDefinition.ORDER_ATTRIBUTE) instanceof Integer value) {
			return (Ordered) () -> value;
		}
		return (definition instanceof RootBeanDefinition root) ? root.getResolvedFactoryMethod() : null;
	}

	/** None for a bean that was registered as an object. */
	private @Nullable BeanDefinition definition(String name) {
		try {
			return this.beans.getMergedBeanDefinition(name);
		}
		catch (NoSuchBeanDefinitionException ex) {
			return null;
		}
	}

}
