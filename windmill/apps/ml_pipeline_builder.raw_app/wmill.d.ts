// The module that Windmill's bundler puts in place of "./wmill".
type Runnable<T> = (args: object) => Promise<T>;
export declare const backend: Record<"catalog" | "prices" | "plan" | "validate" | "deployment" | "offers" | "call", Runnable<any>>;
export declare const backendAsync: Record<"deploy" | "destroy", Runnable<string>>;
export declare function getJob(id: string): Promise<any>;
