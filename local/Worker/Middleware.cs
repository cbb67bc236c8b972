using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Azure.Functions.Worker.Middleware
{
    /// <summary>The rest of an invocation's pipeline.</summary>
    public delegate Task FunctionExecutionDelegate(FunctionContext context);

    /// <summary>A step around every invocation. One instance serves all of them.</summary>
    public interface IFunctionsWorkerMiddleware
    {
        /// <summary>Runs the step, and <paramref name="next"/> unless the function is not to run.</summary>
        Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
    }
}

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>Builds the pipeline that every invocation goes through.</summary>
    public interface IFunctionsWorkerApplicationBuilder
    {
        /// <summary>The app's services.</summary>
        IServiceCollection Services { get; }

        /// <summary>Adds a step; the first one added is the outermost.</summary>
        IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
    }

    /// <summary>Worker settings.</summary>
    public class WorkerOptions
    {
        /// <summary>What the worker announces to the host. There is no separate host in the Local build: kept, not read.</summary>
        public IDictionary<string, string> Capabilities { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

        /// <summary>Whether a failure reaches the host as thrown. The Local build always logs it as thrown.</summary>
        public bool EnableUserCodeException { get; set; } = true;

        /// <summary>Kept, not read: there is no message between worker and host in the Local build.</summary>
        public bool IncludeEmptyEntriesInMessagePayload { get; set; }
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Adds middleware.</summary>
    public static class MiddlewareWorkerApplicationBuilderExtensions
    {
        /// <summary>Adds a step of type <typeparamref name="T"/>, a singleton from the container.</summary>
        public static IFunctionsWorkerApplicationBuilder UseMiddleware<T>(this IFunctionsWorkerApplicationBuilder builder)
            where T : class, IFunctionsWorkerMiddleware
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.AddSingleton<T>();
            return builder.Use(next => context =>
                context.InstanceServices.GetRequiredService<T>().Invoke(context, next));
        }

        /// <summary>Adds a step of type <typeparamref name="T"/> that runs where <paramref name="predicate"/> holds.</summary>
        public static IFunctionsWorkerApplicationBuilder UseWhen<T>(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate)
            where T : class, IFunctionsWorkerMiddleware
        {
            ArgumentNullException.ThrowIfNull(builder);
            builder.Services.AddSingleton<T>();
            return builder.Use(next => context => predicate(context)
                ? context.InstanceServices.GetRequiredService<T>().Invoke(context, next)
                : next(context));
        }

        /// <summary>Adds a step.</summary>
        public static IFunctionsWorkerApplicationBuilder UseMiddleware(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, Func<Task>, Task> middleware)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return builder.Use(next => context => middleware(context, () => next(context)));
        }

        /// <summary>Adds a step that runs where <paramref name="predicate"/> holds.</summary>
        public static IFunctionsWorkerApplicationBuilder UseWhen(
            this IFunctionsWorkerApplicationBuilder builder,
            Func<FunctionContext, bool> predicate,
            Func<FunctionContext, Func<Task>, Task> middleware)
        {
            ArgumentNullException.ThrowIfNull(builder);
            return builder.Use(next => context => predicate(context)
                ? middleware(context, () => next(context))
                : next(context));
        }
    }
}
