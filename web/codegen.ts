import type { CodegenConfig } from '@graphql-codegen/cli';

const scalars = { DateTime: 'string' };

/** Types of every operation in `src/`, from the schema the program prints. */
const config: CodegenConfig = {
  schema: '../api/schema.graphql',
  documents: ['src/**/*.{ts,tsx}', '!src/gql/**'],
  ignoreNoDocuments: true,
  generates: {
    // The enums stand apart, so that those no operation happens to select (`ErrorCode`) are there too.
    'src/gql/enums.ts': { plugins: ['typescript'], config: { enumsAsTypes: true, onlyEnums: true } },
    'src/gql/': {
      preset: 'client',
      config: {
        enumsAsTypes: true,
        skipTypename: true,
        useTypeImports: true,
        defaultScalarType: 'unknown',
        scalars,
      },
      presetConfig: { fragmentMasking: { unmaskFunctionName: 'readFragment' } },
    },
  },
};

export default config;
